package dev.whetstone.datasets.sink;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.connector.write.WriterCommitMessage;

/** What a finished task tells the driver: the files it wrote, in the order of its rows. */
final class ShardsDone implements WriterCommitMessage {
  private static final long serialVersionUID = 1L;

  private final ArrayList<ShardDone> shards;

  ShardsDone(List<ShardDone> shards) {
    this.shards = new ArrayList<>(shards);
  }

  List<ShardDone> shards() {
    return shards;
  }
}
