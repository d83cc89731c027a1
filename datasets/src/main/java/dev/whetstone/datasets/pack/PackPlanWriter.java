package dev.whetstone.datasets.pack;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;

/** Writes a pack plan as {@link DatasetFolder#packs} reads it: one line per row, pack by pack. */
public final class PackPlanWriter {
  private static final int BATCH_ROWS = 1 << 16;

  private PackPlanWriter() {}

  /**
   * Writes {@code packs-<capacity>.arrow} into a split's folder, whole or not at all.
   *
   * @param packs rows of each pack
   * @param lengths tokens of each row
   */
  public static void write(Path split, int capacity, List<int[]> packs, int[] lengths) {
    Path file = split.resolve(DatasetFolder.packsFile(capacity));
    Path beside = file.resolveSibling(file.getFileName() + ".tmp");
    try {
      try (var allocator = new RootAllocator();
          var pack = new IntVector(DatasetFolder.PACK, allocator);
          var row = new BigIntVector(DatasetFolder.PACKED_ROW, allocator);
          var length = new IntVector(DatasetFolder.PACKED_LENGTH, allocator);
          var root = VectorSchemaRoot.of(pack, row, length);
          var out = Channels.newChannel(new BufferedOutputStream(Files.newOutputStream(beside)));
          var stream = new ArrowStreamWriter(root, null, out)) {
        stream.start();
        int filled = 0;
        for (int p = 0; p < packs.size(); p++) {
          for (int member : packs.get(p)) {
            pack.setSafe(filled, p);
            row.setSafe(filled, member);
            length.setSafe(filled, lengths[member]);
            if (++filled == BATCH_ROWS) {
              root.setRowCount(filled);
              stream.writeBatch();
              filled = 0;
            }
          }
        }
        root.setRowCount(filled);
        stream.writeBatch();
        stream.end();
      }
      Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(file, e);
    }
  }
}
