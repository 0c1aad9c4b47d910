"""The script that people write: a server-side cursor, json.dumps, a file.

    python psycopg2_copy.py DSN FILE
"""

import json
import sys

import psycopg2
import psycopg2.extras


def main():
    connection = psycopg2.connect(sys.argv[1])
    cursor = connection.cursor(name="rows", cursor_factory=psycopg2.extras.RealDictCursor)
    cursor.itersize = 10_000
    cursor.execute("SELECT * FROM act")
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        for row in cursor:
            file.write(json.dumps(row, default=str))
            file.write("\n")


if __name__ == "__main__":
    main()
