-- One round of a busy editor: a few films change, one appears, now and then one is deleted softly.
-- The transaction of the second statement is left open for a moment before it commits: its rows are
-- stamped behind rows that commit earlier.
UPDATE content.film_work SET rating = round((random() * 10)::numeric, 1)
WHERE id IN (SELECT id FROM content.film_work ORDER BY random() LIMIT 5);
BEGIN;
INSERT INTO content.film_work (id, title, description, creation_date, rating, type)
VALUES (gen_random_uuid(), 'The Late Commit', 'Stamped early, committed late.', current_date,
        round((random() * 10)::numeric, 1), 'movie');
SELECT pg_sleep(0.3);
COMMIT;
UPDATE content.film_work SET deleted_at = now()
WHERE random() < 0.2 AND id = (SELECT id FROM content.film_work WHERE deleted_at IS NULL
                               ORDER BY random() LIMIT 1);
