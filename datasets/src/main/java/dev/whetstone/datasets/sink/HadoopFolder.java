package dev.whetstone.datasets.sink;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/** Where files and folders lie, for Hadoop and Spark. */
public final class HadoopFolder {
  private HadoopFolder() {}

  /**
   * The file system of {@code path}; the local one without Hadoop's checksums, which would put
   * hidden {@code .crc} files into {@code data/}.
   *
   * @throws IOException if the file system cannot be reached
   */
  public static FileSystem files(Path path, Configuration configuration) throws IOException {
    FileSystem files = path.getFileSystem(configuration);
    return files instanceof LocalFileSystem local ? local.getRawFileSystem() : files;
  }

  /** A local path as Hadoop reads it back from text: with its scheme, nothing escaped. */
  public static String text(java.nio.file.Path path) {
    return new Path(path.toAbsolutePath().toUri()).toString();
  }
}
