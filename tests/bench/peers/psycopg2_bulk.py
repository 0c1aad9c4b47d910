"""The script that people write: a server-side cursor and helpers.parallel_bulk.

    python psycopg2_bulk.py DSN URL INDEX CONCURRENCY
"""

import sys

import psycopg2
import psycopg2.extras
from elasticsearch import Elasticsearch
from elasticsearch.helpers import parallel_bulk


def main():
    dsn, url, index, concurrency = sys.argv[1:]
    connection = psycopg2.connect(dsn)
    cursor = connection.cursor(name="rows", cursor_factory=psycopg2.extras.RealDictCursor)
    cursor.itersize = 10_000
    cursor.execute("SELECT * FROM act")
    actions = ({"_index": index, "_id": row["id"], "_source": dict(row)} for row in cursor)
    client = Elasticsearch(url, request_timeout=120)
    for done, what in parallel_bulk(client, actions, thread_count=int(concurrency),
                                    chunk_size=5000):
        assert done, what


if __name__ == "__main__":
    main()
