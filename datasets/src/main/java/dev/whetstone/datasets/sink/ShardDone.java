package dev.whetstone.datasets.sink;

import java.io.Serializable;

/**
 * A finished shard file.
 *
 * <p>Not a record: with Spark's Kryo serializer it travels by Kryo 4, which cannot read a record's
 * fields.
 */
final class ShardDone implements Serializable {
  private static final long serialVersionUID = 1L;

  private final int partition;
  private final int number;
  private final String file;
  private final long rows;
  private final String sha256;

  ShardDone(int partition, int number, String file, long rows, String sha256) {
    this.partition = partition;
    this.number = number;
    this.file = file;
    this.rows = rows;
    this.sha256 = sha256;
  }

  int partition() {
    return partition;
  }

  /** Within its partition, from 0. */
  int number() {
    return number;
  }

  String file() {
    return file;
  }

  long rows() {
    return rows;
  }

  /** Of the file's bytes. */
  String sha256() {
    return sha256;
  }
}
