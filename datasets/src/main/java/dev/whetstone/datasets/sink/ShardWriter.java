package dev.whetstone.datasets.sink;

import dev.whetstone.artifacts.BadInputException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
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
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.connector.write.DataWriter;
import org.apache.spark.sql.connector.write.WriterCommitMessage;
import org.apache.spark.sql.execution.arrow.ArrowWriter;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.ArrowUtils;

/** One task attempt's part of the sink: rows in, Arrow IPC stream files of a bounded size out. */
final class ShardWriter implements DataWriter<InternalRow> {
  private static final int BATCH_ROWS = 1000; // datasets, config.py: DEFAULT_MAX_BATCH_SIZE
  private static final long BATCH_BYTES = 64L << 20; // far below the 2 GiB of 32-bit offsets
  private static final int SIZE_CHECK_ROWS = 16; // sizeInBytes walks all vectors

  /** Arrow doubles its buffers, and no buffer has 2 GiB. */
  private static final long ROW_BYTES = 1L << 30;

  private final FileSystem files;
  private final Path folder;
  private final int partition;
  private final long taskId;
  private final long maxShardBytes;
  private final long maxBatchBytes;
  private final BufferAllocator allocator;
  private final VectorSchemaRoot root;
  private final ArrowWriter vectors;
  private final List<ShardDone> done = new ArrayList<>();
  private Shard shard; // null: the next batch begins one
  private int pending;
  private long pendingBytes;

  /**
   * A writer without a file yet.
   *
   * @param maxShardBytes a file ends with the batch that reaches this
   */
  ShardWriter(
      FileSystem files,
      Path folder,
      StructType schema,
      long maxShardBytes,
      int partition,
      long taskId) {
    this.files = files;
    this.folder = folder;
    this.partition = partition;
    this.taskId = taskId;
    this.maxShardBytes = maxShardBytes;
    this.maxBatchBytes = Math.min(BATCH_BYTES, maxShardBytes);
    this.allocator =
        ArrowUtils.rootAllocator().newChildAllocator("hf-arrow-" + partition, 0, Long.MAX_VALUE);
    this.root =
        VectorSchemaRoot.create(ArrowUtils.toArrowSchema(schema, "UTC", true, false), allocator);
    this.vectors = ArrowWriter.create(root);
  }

  /** A file that is being written. */
  private final class Shard {
    private final Path file =
        new Path(folder, "%d-%d-%d.arrow".formatted(partition, taskId, done.size()));
    private final MessageDigest sha256 = newSha256();
    private final OutputStream out;
    private final ArrowStreamWriter stream;
    private long rows;

    Shard() throws IOException {
      // Not recursive: a task that outlives the job's abort must not bring the folder back.
      out = files.createFile(file).overwrite(false).build();
      var digested = new BufferedOutputStream(new DigestOutputStream(out, sha256));
      stream = new ArrowStreamWriter(root, null, Channels.newChannel(digested));
    }

    void writeBatch() throws IOException {
      vectors.finish();
      stream.writeBatch();
      rows += pending;
      vectors.reset();
      pending = 0;
      pendingBytes = 0;
    }

    void finish() throws IOException {
      stream.end();
      stream.close(); // the last bytes reach the file here, so the digest is of all of it
      String digest = HexFormat.of().formatHex(sha256.digest());
      done.add(new ShardDone(partition, done.size(), file.toString(), rows, digest));
    }

    /** Without the last bytes: where the disk is full they cannot be written. */
    void abandon() {
      try {
        out.close();
      } catch (IOException e) {
        // What failed is told by what called for this; the file is about to be deleted.
      }
    }
  }

  @Override
  public void write(InternalRow row) throws IOException {
    long rowBytes = row instanceof UnsafeRow unsafe ? unsafe.getSizeInBytes() : 0;
    if (rowBytes > ROW_BYTES) {
      throw new BadInputException(
          "a row of %,d bytes: a row of an Arrow dataset has at most %,d; cut it or drop it."
              .formatted(rowBytes, ROW_BYTES));
    }
    if (pending > 0 && pendingBytes + rowBytes > maxBatchBytes) {
      writeBatch();
    }
    vectors.write(row);
    pending++;
    pendingBytes += rowBytes;
    boolean full =
        pending == BATCH_ROWS
            || (pending % SIZE_CHECK_ROWS == 0 && vectors.sizeInBytes() > maxBatchBytes);
    if (full) {
      writeBatch();
    }
  }

  private void writeBatch() throws IOException {
    if (shard == null) {
      shard = new Shard();
    }
    shard.writeBatch();
    if (shard.stream.bytesWritten() >= maxShardBytes) {
      finishShard();
    }
  }

  private void finishShard() throws IOException {
    shard.finish();
    shard = null;
  }

  @Override
  public WriterCommitMessage commit() throws IOException {
    if (pending > 0 || (shard == null && done.isEmpty())) {
      writeBatch(); // a batch of no rows too: load_from_disk refuses a stream without any
    }
    if (shard != null) {
      finishShard();
    }
    return new ShardsDone(done);
  }

  @Override
  public void abort() throws IOException {
    if (shard != null) {
      shard.abandon();
      files.delete(shard.file, false);
    }
    for (ShardDone earlier : done) {
      files.delete(new Path(earlier.file()), false);
    }
  }

  @Override
  public void close() {
    if (shard != null) {
      shard.abandon();
    }
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
