-- A film catalogue of our own making: about 1,000 films, 600 persons and 20 genres, the same on
-- every machine. Titles and names are put together from word lists.
BEGIN;
CREATE SCHEMA content;

CREATE FUNCTION content.touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at := clock_timestamp();
  RETURN NEW;
END $$;

CREATE TABLE content.film_work (
  id uuid PRIMARY KEY,
  title text NOT NULL,
  description text,
  creation_date date,
  rating numeric(3, 1) CHECK (rating BETWEEN 0 AND 10),
  type text NOT NULL CHECK (type IN ('movie', 'tv_show')),
  tags text[] NOT NULL DEFAULT '{}',
  facts jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz
);
CREATE INDEX film_work_updated_at ON content.film_work (updated_at, id);
CREATE TRIGGER film_work_touch BEFORE UPDATE ON content.film_work
  FOR EACH ROW EXECUTE FUNCTION content.touch();

CREATE TABLE content.person (
  id uuid PRIMARY KEY,
  full_name text NOT NULL,
  birth_date date,
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX person_updated_at ON content.person (updated_at, id);
CREATE TRIGGER person_touch BEFORE UPDATE ON content.person
  FOR EACH ROW EXECUTE FUNCTION content.touch();

CREATE TABLE content.genre (
  id uuid PRIMARY KEY,
  name text NOT NULL UNIQUE,
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX genre_updated_at ON content.genre (updated_at, id);
CREATE TRIGGER genre_touch BEFORE UPDATE ON content.genre
  FOR EACH ROW EXECUTE FUNCTION content.touch();

CREATE TABLE content.person_film_work (
  film_work_id uuid NOT NULL REFERENCES content.film_work,
  person_id uuid NOT NULL REFERENCES content.person,
  role text NOT NULL CHECK (role IN ('actor', 'director', 'writer')),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (film_work_id, person_id, role)
);
CREATE INDEX person_film_work_person ON content.person_film_work (person_id);

CREATE TABLE content.genre_film_work (
  film_work_id uuid NOT NULL REFERENCES content.film_work,
  genre_id uuid NOT NULL REFERENCES content.genre,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (film_work_id, genre_id)
);
CREATE INDEX genre_film_work_genre ON content.genre_film_work (genre_id);

-- The same number for the same words, from 0 to below `count`.
CREATE FUNCTION content.pick(seed text, count integer) RETURNS integer
LANGUAGE sql IMMUTABLE AS $$
  SELECT (('x' || substr(md5(seed), 1, 7))::bit(28)::integer % count)
$$;

CREATE TEMPORARY TABLE word (kind text, position integer, text text) ON COMMIT DROP;
INSERT INTO word
SELECT kind, row_number() OVER (PARTITION BY kind ORDER BY ordinality) - 1, item
FROM (VALUES
  ('adjective', 'Silent Crimson Last Hidden Golden Broken Endless Northern Paper Restless Velvet Hollow '
                'Distant Electric Forgotten Honest Lunar Patient Scarlet Tidal'),
  ('noun', 'Harbour Orchard Signal Lighthouse Winter Machine Garden Letter Station Mirror River Cathedral '
           'Compass Engine Island Market Theatre Voyage Widow Ferry'),
  ('place', 'Lisbon Tromsø Kyiv Montréal Osaka Valparaíso Gdańsk Aleppo Reykjavík Zanzibar Łódź Québec'),
  ('first', 'Ada Bruno Chiara Dmitri Elif Farah Goran Hana Imre Jun Kaja Leif Mira Nadia Otto Petra '
            'Quentin Rosa Søren Tomás Una Viktor Wanda Ximena Yusuf Zoë'),
  ('last', 'Almeida Bergström Costa Dvořák Eriksen Farouk García Haddad Ivanova Jansen Kowalski Lindqvist '
           'Moreau Nakamura Okafor Petrov Quispe Rossi Sato Tanaka Ueda Vargas Weiss Xu Yılmaz Zhang')
) list(kind, words), regexp_split_to_table(words, '\s+') WITH ORDINALITY AS split(item, ordinality);

INSERT INTO content.genre (id, name)
SELECT md5('genre ' || name)::uuid, name
FROM unnest(ARRAY['Action', 'Adventure', 'Animation', 'Biography', 'Comedy', 'Crime', 'Documentary',
                  'Drama', 'Family', 'Fantasy', 'History', 'Horror', 'Music', 'Mystery', 'Romance',
                  'Sci-Fi', 'Short', 'Sport', 'Thriller', 'Western']) name;

INSERT INTO content.person (id, full_name, birth_date)
SELECT md5('person ' || n)::uuid, first.text || ' ' || last.text,
       date '1930-01-01' + content.pick('birth' || n, 27000)
FROM generate_series(1, 600) n
JOIN word first ON first.kind = 'first' AND first.position = content.pick('first' || n, 26)
JOIN word last ON last.kind = 'last' AND last.position = content.pick('last' || n, 26);

INSERT INTO content.film_work
  (id, title, description, creation_date, rating, type, tags, facts, created_at, updated_at)
SELECT md5('film ' || n)::uuid,
       format('The %s %s', adjective.text, noun.text)
         || CASE WHEN n % 3 = 0 THEN ' of ' || place.text ELSE '' END,
       CASE WHEN n % 7 = 0 THEN NULL
            ELSE format('A %s %s in %s, and the %s that changed it.', lower(adjective.text),
                        lower(noun.text), place.text, lower(noun2.text)) END,
       date '1950-01-01' + content.pick('date' || n, 27000),
       (content.pick('rating' || n, 100) / 10.0)::numeric(3, 1),
       CASE WHEN n % 5 = 0 THEN 'tv_show' ELSE 'movie' END,
       ARRAY[lower(noun.text), lower(place.text)],
       jsonb_build_object('minutes', 60 + content.pick('minutes' || n, 120), 'budget',
                          content.pick('budget' || n, 250000000), 'quote', '"' || place.text || '"'),
       stamp, stamp
FROM generate_series(1, 1000) n
CROSS JOIN LATERAL (SELECT now() - make_interval(mins => 1000 - n) AS stamp) at
JOIN word adjective ON adjective.kind = 'adjective' AND adjective.position = content.pick('a' || n, 20)
JOIN word noun ON noun.kind = 'noun' AND noun.position = content.pick('n' || n, 20)
JOIN word noun2 ON noun2.kind = 'noun' AND noun2.position = content.pick('m' || n, 20)
JOIN word place ON place.kind = 'place' AND place.position = content.pick('p' || n, 12);

INSERT INTO content.genre_film_work (film_work_id, genre_id)
SELECT DISTINCT film.id, genre.id
FROM generate_series(1, 1000) n
JOIN content.film_work film ON film.id = md5('film ' || n)::uuid
CROSS JOIN generate_series(1, 2) k
JOIN (SELECT id, row_number() OVER (ORDER BY name) - 1 AS position FROM content.genre) genre
  ON genre.position = content.pick('genre' || n || '-' || k, 20);

INSERT INTO content.person_film_work (film_work_id, person_id, role)
SELECT DISTINCT md5('film ' || n)::uuid,
       md5('person ' || (1 + content.pick('cast' || n || '-' || k, 600)))::uuid,
       CASE WHEN k = 1 THEN 'director' WHEN k = 2 THEN 'writer' ELSE 'actor' END
FROM generate_series(1, 1000) n CROSS JOIN generate_series(1, 5) k;
COMMIT;
ANALYZE;
