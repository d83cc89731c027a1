package dev.whetstone.datasets.export;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.artifacts.dataset.DatasetFolder.Pack;
import dev.whetstone.artifacts.dataset.DatasetFolder.TokenRow;
import dev.whetstone.datasets.layout.HuggingFaceFolder;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.FieldType;

/**
 * Packed rows laid out for trainers that do not read pack plans: {@code input_ids} and {@code
 * labels}, [T], and {@code seq_lengths}, the tokens of each document in the row. TRL keeps the
 * documents apart by them with {@code padding_free=True}, and only then.
 *
 * <p>The label of each document's first token is -100: a trainer that shifts labels over the whole
 * row would else learn to foretell a document from the one before it.
 */
public final class PackedRows {
  private static final int BATCH_ROWS = 1000;

  private PackedRows() {}

  /**
   * One split of {@link #write}'s result.
   *
   * @param weighted rows of the dataset whose targets count neither 0 nor 1, which is lost here
   */
  public record Written(String split, int rows, long tokens, long weighted, String content) {}

  /**
   * Writes one split as a Hugging Face dataset folder; memory: the tokens of the split, 8 bytes
   * each.
   *
   * @param length tokens of a pack, at most
   * @param packs every row of the split once
   */
  public static Written write(
      DatasetFolder dataset, String split, int length, List<Pack> packs, Path folder) {
    List<TokenRow> rows = new ArrayList<>();
    try (var all = dataset.rows(split)) {
      all.forEachRemaining(rows::add);
    }
    var hash = ContentHash.of("packed-rows/1").add(split).add(length);
    long tokens = 0;
    Path shard = folder.resolve(HuggingFaceFolder.shard(0, 1));
    try {
      Files.createDirectories(shard.getParent());
      try (var allocator = new RootAllocator();
          var inputIds = list("input_ids", allocator);
          var labels = list("labels", allocator);
          var lengths = list("seq_lengths", allocator);
          var root = VectorSchemaRoot.of(inputIds, labels, lengths);
          var out = Channels.newChannel(new BufferedOutputStream(Files.newOutputStream(shard)));
          var stream = new ArrowStreamWriter(root, null, out)) {
        stream.start();
        int filled = 0;
        for (Pack pack : packs) {
          List<TokenRow> documents = pack.rows().stream().map(r -> rows.get(r.intValue())).toList();
          int[] ids = documents.stream().flatMapToInt(d -> IntStream.of(d.inputIds())).toArray();
          int[] targets = documents.stream().flatMapToInt(PackedRows::labels).toArray();
          int[] each = documents.stream().mapToInt(d -> d.inputIds().length).toArray();
          put(inputIds, filled, ids);
          put(labels, filled, targets);
          put(lengths, filled, each);
          hash.add(ids).add(targets).add(each);
          tokens += ids.length;
          if (++filled == BATCH_ROWS) {
            flush(root, stream, filled);
            filled = 0;
          }
        }
        if (filled > 0 || packs.isEmpty()) {
          flush(root, stream, filled);
        }
        stream.end();
      }
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(shard, e);
    }
    String content = hash.finish();
    ArtifactFolder.writeAtomically(
        folder.resolve(HuggingFaceFolder.STATE),
        HuggingFaceFolder.state(
            List.of(HuggingFaceFolder.shard(0, 1)), HuggingFaceFolder.fingerprint(content), split));
    ArtifactFolder.writeAtomically(folder.resolve(HuggingFaceFolder.INFO), "{}\n");
    return new Written(
        split,
        packs.size(),
        tokens,
        rows.stream().filter(row -> row.weights().isPresent()).count(),
        content);
  }

  private static IntStream labels(TokenRow row) {
    int[] labels = row.labels().clone();
    if (labels.length > 0) {
      labels[0] = DatasetFolder.IGNORED;
    }
    return IntStream.of(labels);
  }

  private static ListVector list(String name, RootAllocator allocator) {
    ListVector list = ListVector.empty(name, allocator);
    list.addOrGetVector(FieldType.nullable(new ArrowType.Int(32, true)));
    return list;
  }

  private static void put(ListVector list, int index, int[] values) {
    int from = list.startNewValue(index);
    var data = (IntVector) list.getDataVector();
    for (int i = 0; i < values.length; i++) {
      data.setSafe(from + i, values[i]);
    }
    list.endValue(index, values.length);
  }

  private static void flush(VectorSchemaRoot root, ArrowStreamWriter stream, int rows)
      throws IOException {
    root.setRowCount(rows);
    stream.writeBatch();
    root.clear();
  }
}
