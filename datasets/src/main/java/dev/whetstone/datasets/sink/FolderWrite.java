package dev.whetstone.datasets.sink;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.artifacts.SurroundingsException;
import dev.whetstone.datasets.layout.HuggingFaceFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
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
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.VariantType;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The driver's part of the sink. Tasks write into {@code _tmp-QUERY/}; the commit renames their
 * files into {@code data/} in the order of partitions, then writes {@code state.json}, and {@code
 * dataset_info.json} last: without both, {@code load_from_disk} refuses the folder.
 *
 * <p>Goes through Hadoop's file systems; the target must rename within a folder at once (local
 * disks and HDFS do, object stores copy).
 */
final class FolderWrite implements WriteBuilder, SupportsTruncate, Write, BatchWrite {
  private static final String TEMPORARY = "_tmp-";

  private final Path folder;
  private final Path attempts;
  private final StructType schema;
  private final String split;
  private final String fingerprint;
  private final Configuration configuration;
  private boolean overwrite;

  FolderWrite(String path, LogicalWriteInfo info) {
    this.folder = new Path(path);
    this.attempts = new Path(folder, TEMPORARY + info.queryId());
    this.schema = info.schema();
    this.split = info.options().getOrDefault(HfArrowSource.SPLIT, "");
    this.fingerprint = info.options().getOrDefault(HfArrowSource.FINGERPRINT, "");
    this.configuration = SparkSession.active().sparkContext().hadoopConfiguration();
    for (StructField field : schema.fields()) {
      if (!readable(field.dataType())) {
        throw new IllegalArgumentException(
            "column %s: Hugging Face datasets cannot read %s; write a JSON text or a list of structs"
                .formatted(field.name(), field.dataType().sql()));
      }
    }
  }

  private static boolean readable(DataType type) {
    if (type instanceof ArrayType list) {
      return readable(list.elementType());
    }
    if (type instanceof StructType struct) {
      return Arrays.stream(struct.fields()).allMatch(f -> readable(f.dataType()));
    }
    return !(type instanceof MapType
        || type instanceof VariantType
        || type.typeName().contains("interval"));
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
      if (!overwrite && files().exists(new Path(folder, HuggingFaceFolder.INFO))) {
        throw new IllegalArgumentException(
            folder + " already holds a dataset; choose another folder or mode(\"overwrite\")");
      }
      if (!files().mkdirs(attempts)) {
        throw new IOException("the folder cannot be made");
      }
    } catch (IOException e) {
      throw cannotWrite(folder, e);
    }
    return this;
  }

  @Override
  public DataWriterFactory createBatchWriterFactory(PhysicalWriteInfo info) {
    return new Factory(new SerializableConfiguration(configuration), attempts.toString(), schema);
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
      publish(done);
    } catch (IOException e) {
      throw cannotWrite(folder, e);
    }
  }

  private void publish(List<ShardDone> shards) throws IOException {
    FileSystem files = files();
    // Marks first: a crash in between leaves an unfinished folder, not a mixed one. With data/ go
    // the caches that Hugging Face put beside the old shards.
    for (String old : List.of(HuggingFaceFolder.INFO, HuggingFaceFolder.STATE, "data")) {
      files.delete(new Path(folder, old), true);
    }
    files.mkdirs(new Path(folder, "data"));
    var digest = ContentHash.of("shards/1").add(schema.json());
    List<String> names = new ArrayList<>();
    for (ShardDone shard : shards) {
      String name = HuggingFaceFolder.shard(names.size(), shards.size());
      if (!files.rename(new Path(shard.file()), new Path(folder, name))) {
        throw new IOException("cannot rename " + shard.file() + " to " + name);
      }
      digest.add(shard.sha256());
      names.add(name);
    }
    for (FileStatus entry : files.listStatus(folder)) {
      // Attempts that lost, also those of a driver that was killed.
      if (entry.getPath().getName().startsWith(TEMPORARY)) {
        files.delete(entry.getPath(), true);
      }
    }
    String print =
        fingerprint.isEmpty() ? HuggingFaceFolder.fingerprint(digest.finish()) : fingerprint;
    write(files, HuggingFaceFolder.STATE, HuggingFaceFolder.state(names, print, split));
    write(files, HuggingFaceFolder.INFO, "{}\n");
  }

  private void write(FileSystem files, String name, String text) throws IOException {
    try (var out = files.create(new Path(folder, name))) {
      out.write(text.getBytes(UTF_8));
    }
  }

  @Override
  public void abort(WriterCommitMessage[] messages) {
    try {
      files().delete(attempts, true);
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
    return rawFiles(folder, configuration);
  }

  /**
   * The local file system without Hadoop's checksums, which would put hidden {@code .crc} files
   * into {@code data/}.
   */
  private static FileSystem rawFiles(Path path, Configuration configuration) throws IOException {
    FileSystem files = path.getFileSystem(configuration);
    return files instanceof LocalFileSystem local ? local.getRawFileSystem() : files;
  }

  private record Factory(
      SerializableConfiguration configuration, String attempts, StructType schema)
      implements DataWriterFactory {
    @Override
    public DataWriter<InternalRow> createWriter(int partition, long taskId) {
      try {
        var files = rawFiles(new Path(attempts), configuration.value());
        return new ShardWriter(files, new Path(attempts), schema, partition, taskId);
      } catch (IOException e) {
        throw cannotWrite(new Path(attempts), e);
      }
    }
  }
}
