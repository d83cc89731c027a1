package dev.whetstone.datasets.sink;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.artifacts.SurroundingsException;
import dev.whetstone.datasets.layout.HuggingFaceFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.write.BatchWrite;
import org.apache.spark.sql.connector.write.DataWriter;
import org.apache.spark.sql.connector.write.DataWriterFactory;
import org.apache.spark.sql.connector.write.LogicalWriteInfo;
import org.apache.spark.sql.connector.write.PhysicalWriteInfo;
import org.apache.spark.sql.connector.write.SupportsTruncate;
import org.apache.spark.sql.connector.write.Write;
import org.apache.spark.sql.connector.write.WriteBuilder;
import org.apache.spark.sql.connector.write.WriterCommitMessage;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The driver's part of the sink. Tasks write into {@code _tmp-QUERY/}; the commit completes the
 * dataset there, then puts it in the place of the old one by a few renames, {@code
 * dataset_info.json} last: without it, {@code load_from_disk} refuses the folder.
 *
 * <p>Goes through Hadoop's file systems; the target must rename within a folder at once (local
 * disks and HDFS do, object stores copy).
 */
final class FolderWrite implements WriteBuilder, SupportsTruncate, Write, BatchWrite {
  private static final String DATA = "data";
  private static final String TEMPORARY = "_tmp-";

  /** What stands in a dataset's folder, by this sink, Hugging Face or the pack plan. */
  private static final Pattern OF_A_DATASET =
      Pattern.compile(
          "state\\.json|dataset_info\\.json|data|packs-\\d+\\.arrow|_tmp-.*"
              + "|(data-|cache-|indices|dataset).*\\.arrow|\\..*\\.crc");

  private final Path folder;
  private final Path attempts;
  private final StructType schema;
  private final String split;
  private final String fingerprint;
  private final long maxShardBytes;
  private final Configuration configuration;
  private boolean overwrite;
  private boolean made;

  FolderWrite(String path, LogicalWriteInfo info) {
    if (path == null) {
      throw new BadInputException("hf-arrow: expected a folder, as in save(folder), found none.");
    }
    this.folder = new Path(path);
    this.attempts = new Path(folder, TEMPORARY + info.queryId());
    this.schema = info.schema();
    this.split = info.options().getOrDefault(HfArrowSource.SPLIT, "");
    this.fingerprint = info.options().getOrDefault(HfArrowSource.FINGERPRINT, "");
    this.maxShardBytes = maxShardBytes(info.options().get(HfArrowSource.MAX_SHARD_BYTES));
    this.configuration = SparkSession.active().sparkContext().hadoopConfiguration();
    SchemaCheck.check(schema);
  }

  private static long maxShardBytes(String option) {
    if (option == null) {
      return HfArrowSource.DEFAULT_SHARD_BYTES;
    }
    if (!option.matches("[1-9]\\d{0,17}")) {
      throw new BadInputException(
          "hf-arrow: expected a number of bytes, at least 1, as option %s, found \"%s\"."
              .formatted(HfArrowSource.MAX_SHARD_BYTES, option));
    }
    return Long.parseLong(option);
  }

  @Override
  public WriteBuilder truncate() {
    overwrite = true;
    return this;
  }

  @Override
  public Write build() {
    return this;
  }

  @Override
  public BatchWrite toBatch() {
    try {
      FileSystem files = files();
      made = !files.exists(folder);
      if (!made) {
        checkReplaceable(files);
      }
      if (!files.mkdirs(attempts)) {
        throw new IOException("the folder cannot be made");
      }
    } catch (IOException e) {
      throw cannotWrite(folder, e);
    }
    return this;
  }

  private void checkReplaceable(FileSystem files) throws IOException {
    if (!files.getFileStatus(folder).isDirectory()) {
      throw new BadInputException(folder + ": expected a folder, found a file.");
    }
    if (!overwrite && files.exists(new Path(folder, HuggingFaceFolder.INFO))) {
      throw new BadInputException(
          folder
              + ": already holds a dataset, and datasets never grow; choose another folder or"
              + " mode(\"overwrite\").");
    }
    for (FileStatus entry : files.listStatus(folder)) {
      String name = entry.getPath().getName();
      if (!OF_A_DATASET.matcher(name).matches()) {
        throw new BadInputException(
            "%s: expected a new or empty folder or a dataset, found %s; choose another folder."
                .formatted(folder, name));
      }
    }
  }

  @Override
  public DataWriterFactory createBatchWriterFactory(PhysicalWriteInfo info) {
    return new Factory(
        new SerializableConfiguration(configuration), attempts.toString(), schema, maxShardBytes);
  }

  @Override
  public void commit(WriterCommitMessage[] messages) {
    List<ShardDone> done = new ArrayList<>();
    for (WriterCommitMessage message : messages) {
      done.addAll(((ShardsDone) message).shards());
    }
    done.sort(Comparator.comparingInt(ShardDone::partition).thenComparingInt(ShardDone::number));
    ShardDone first = done.get(0); // load_from_disk wants at least one shard, rows or not
    done.removeIf(shard -> shard.rows() == 0);
    if (done.isEmpty()) {
      done.add(first);
    }
    try {
      complete(done);
      replace();
    } catch (IOException e) {
      throw cannotWrite(folder, e);
    }
  }

  /** All that can fail for want of space, while the old dataset still stands. */
  private void complete(List<ShardDone> shards) throws IOException {
    FileSystem files = files();
    files.mkdirs(new Path(attempts, DATA));
    var digest = ContentHash.of("shards/1").add(schema.json());
    List<String> names = new ArrayList<>();
    for (ShardDone shard : shards) {
      String name = HuggingFaceFolder.shard(names.size(), shards.size());
      rename(files, new Path(shard.file()), new Path(attempts, name));
      digest.add(shard.sha256());
      names.add(name);
    }
    String print =
        fingerprint.isEmpty() ? HuggingFaceFolder.fingerprint(digest.finish()) : fingerprint;
    write(files, HuggingFaceFolder.STATE, HuggingFaceFolder.state(names, print, split));
    write(files, HuggingFaceFolder.INFO, "{}\n");
  }

  /**
   * The mark of completeness goes first and comes last: a crash in between leaves an unfinished
   * folder, not a mixed one. With the old shards go the caches that Hugging Face put beside them,
   * and attempts that lost, also those of a driver that was killed.
   */
  private void replace() throws IOException {
    FileSystem files = files();
    files.delete(new Path(folder, HuggingFaceFolder.INFO), false);
    for (FileStatus old : files.listStatus(folder)) {
      if (!old.getPath().getName().equals(attempts.getName())) {
        files.delete(old.getPath(), true);
      }
    }
    for (String name : List.of(DATA, HuggingFaceFolder.STATE, HuggingFaceFolder.INFO)) {
      rename(files, new Path(attempts, name), new Path(folder, name));
    }
    files.delete(attempts, true);
  }

  private static void rename(FileSystem files, Path from, Path to) throws IOException {
    if (!files.rename(from, to)) {
      throw new IOException("cannot rename " + from + " to " + to);
    }
  }

  private void write(FileSystem files, String name, String text) throws IOException {
    try (var out = files.create(new Path(attempts, name))) {
      out.write(text.getBytes(UTF_8));
    }
  }

  @Override
  public void abort(WriterCommitMessage[] messages) {
    try {
      FileSystem files = files();
      files.delete(attempts, true);
      if (made && files.exists(folder) && files.listStatus(folder).length == 0) {
        files.delete(folder, false);
      }
    } catch (IOException e) {
      throw cannotWrite(attempts, e);
    }
  }

  private static SurroundingsException cannotWrite(Path folder, IOException e) {
    return new SurroundingsException(
        "%s: cannot be written (%s); free space or choose another folder."
            .formatted(folder, e.getMessage()),
        e);
  }

  private FileSystem files() throws IOException {
    return HadoopFolder.files(folder, configuration);
  }

  private record Factory(
      SerializableConfiguration configuration,
      String attempts,
      StructType schema,
      long maxShardBytes)
      implements DataWriterFactory {
    @Override
    public DataWriter<InternalRow> createWriter(int partition, long taskId) {
      var folder = new Path(attempts);
      try {
        FileSystem files = HadoopFolder.files(folder, configuration.value());
        return new ShardWriter(files, folder, schema, maxShardBytes, partition, taskId);
      } catch (IOException e) {
        throw cannotWrite(folder, e);
      }
    }
  }
}
