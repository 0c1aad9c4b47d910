"""dlt: a table to JSON lines in a folder.

    python dlt_copy.py URL FOLDER
"""

import sys

import dlt
from dlt.sources.sql_database import sql_table


def main():
    url, folder = sys.argv[1:]
    pipeline = dlt.pipeline("act", destination=dlt.destinations.filesystem(f"file://{folder}/out"),
                            dataset_name="bench", pipelines_dir=f"{folder}/work")
    pipeline.run(sql_table(url, table="act", chunk_size=50_000), loader_file_format="jsonl",
                 write_disposition="replace")


if __name__ == "__main__":
    main()
