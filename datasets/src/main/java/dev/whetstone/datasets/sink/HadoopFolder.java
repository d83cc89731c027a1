package dev.whetstone.datasets.sink;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/** Where a folder lies. */
final class HadoopFolder {
  private HadoopFolder() {}

  /**
   * The file system of {@code path}; the local one without Hadoop's checksums, which would put
   * hidden {@code .crc} files into {@code data/}.
   */
  static FileSystem files(Path path, Configuration configuration) throws IOException {
    FileSystem files = path.getFileSystem(configuration);
    return files instanceof LocalFileSystem local ? local.getRawFileSystem() : files;
  }
}
