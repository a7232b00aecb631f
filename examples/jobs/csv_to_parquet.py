"""Turns one CSV file into Parquet, with a small JSON summary beside it. Runs on Spark 3.5.

    spark-submit csv_to_parquet.py s3://inbox/incoming/orders.csv s3://lake/acme/uploads/

writes uploads/orders/data/ and uploads/orders/summary/. A second run for the same file replaces what the first one
wrote and touches nothing else, so an attempt that is tried again does no harm.
"""

import argparse
import json
import posixpath

from pyspark.sql import DataFrame, SparkSession


def boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise argparse.ArgumentTypeError(f"must be true or false: current value is {text!r}")
    return text == "true"


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Turns one CSV file into Parquet.")
    parser.add_argument("input", help="URI of the CSV file")
    parser.add_argument("output", help="URI of the folder to write below")
    parser.add_argument("--delimiter", default=",")
    parser.add_argument("--header", type=boolean, default=True, help="whether the first line names the columns")
    parser.add_argument("--max-rows", type=int, default=0, help="0 takes all rows")
    return parser.parse_args()


def read_csv(spark: SparkSession, arguments: argparse.Namespace) -> DataFrame:
    rows = spark.read.csv(
        arguments.input, sep=arguments.delimiter, header=arguments.header, inferSchema=True, mode="FAILFAST"
    )
    return rows.limit(arguments.max_rows) if arguments.max_rows > 0 else rows


def main() -> None:
    arguments = read_arguments()
    stem = posixpath.splitext(posixpath.basename(arguments.input))[0]
    target = posixpath.join(arguments.output, stem)
    spark = SparkSession.builder.appName(f"csv-to-parquet {stem}").getOrCreate()
    try:
        read_csv(spark, arguments).write.mode("overwrite").parquet(f"{target}/data")
        # Counted from what was written: the input may have changed since it was read.
        written = spark.read.parquet(f"{target}/data")
        summary = {"input": arguments.input, "output": target, "rows": written.count(), "columns": written.columns}
        text = json.dumps(summary)
        spark.createDataFrame([(text,)], ["value"]).coalesce(1).write.mode("overwrite").text(f"{target}/summary")
        print(f"rows written: {summary['rows']}")
        print(f"summary: {text}")
    finally:
        spark.stop()


if __name__ == "__main__":
    main()
