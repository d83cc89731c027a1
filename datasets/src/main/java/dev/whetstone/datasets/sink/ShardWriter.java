package dev.whetstone.datasets.sink;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.write.DataWriter;
import org.apache.spark.sql.connector.write.WriterCommitMessage;
import org.apache.spark.sql.execution.arrow.ArrowWriter;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.ArrowUtils;

/** One task attempt's part of the sink: rows in, Arrow IPC stream files of a bounded size out. */
final class ShardWriter implements DataWriter<InternalRow> {
  private static final int BATCH_ROWS = 1000; // datasets, config.py: DEFAULT_MAX_BATCH_SIZE
  private static final long BATCH_BYTES = 64L << 20; // far below the 2 GB of 32-bit offsets
  private static final long SHARD_BYTES = 436L << 20; // with a last batch still below HF's 500 MB
  private static final int SIZE_CHECK_ROWS = 16; // sizeInBytes walks all vectors

  private final int partition;
  private final long taskId;
  private final FileSystem files;
  private final Path folder;
  private final BufferAllocator allocator;
  private final VectorSchemaRoot root;
  private final ArrowWriter vectors;
  private final List<ShardDone> done = new ArrayList<>();
  private Shard shard;
  private int pending;

  ShardWriter(FileSystem files, Path folder, StructType schema, int partition, long taskId)
      throws IOException {
    this.files = files;
    this.folder = folder;
    this.partition = partition;
    this.taskId = taskId;
    this.allocator =
        ArrowUtils.rootAllocator().newChildAllocator("hf-arrow-" + partition, 0, Long.MAX_VALUE);
    this.root =
        VectorSchemaRoot.create(ArrowUtils.toArrowSchema(schema, "UTC", true, false), allocator);
    this.vectors = ArrowWriter.create(root);
    this.shard = new Shard();
  }

  /** A file that is being written. */
  private final class Shard {
    private final Path file =
        new Path(folder, "%d-%d-%d.arrow".formatted(partition, taskId, done.size()));
    private final MessageDigest sha256 = newSha256();
    private final ArrowStreamWriter stream;
    private long rows;

    Shard() throws IOException {
      // Not recursive: a task that outlives the job's abort must not bring the folder back.
      var out = new DigestOutputStream(files.createFile(file).overwrite(false).build(), sha256);
      stream =
          new ArrowStreamWriter(root, null, Channels.newChannel(new BufferedOutputStream(out)));
      stream.start();
    }

    void writeBatch() throws IOException {
      vectors.finish();
      stream.writeBatch();
      rows += pending;
      vectors.reset();
      pending = 0;
    }

    void finish() throws IOException {
      if (pending > 0 || rows == 0) {
        writeBatch(); // a batch of no rows too: load_from_disk refuses a stream without any
      }
      stream.close(); // the end mark reaches the file here, so the digest is of all of it
      String digest = HexFormat.of().formatHex(sha256.digest());
      done.add(new ShardDone(partition, done.size(), file.toString(), rows, digest));
    }
  }

  @Override
  public void write(InternalRow row) throws IOException {
    vectors.write(row);
    pending++;
    boolean full =
        pending == BATCH_ROWS
            || (pending % SIZE_CHECK_ROWS == 0 && vectors.sizeInBytes() > BATCH_BYTES);
    if (full) {
      shard.writeBatch();
      if (shard.stream.bytesWritten() > SHARD_BYTES) {
        shard.finish();
        shard = new Shard();
      }
    }
  }

  @Override
  public WriterCommitMessage commit() throws IOException {
    shard.finish();
    return new ShardsDone(done);
  }

  @Override
  public void abort() throws IOException {
    shard.stream.close();
    files.delete(shard.file, false);
    for (ShardDone earlier : done) {
      files.delete(new Path(earlier.file()), false);
    }
  }

  @Override
  public void close() {
    shard.stream.close();
    root.close();
    allocator.close();
  }

  private static MessageDigest newSha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
