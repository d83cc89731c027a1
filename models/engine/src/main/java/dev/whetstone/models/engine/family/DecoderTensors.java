package dev.whetstone.models.engine.family;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.tensors.TensorSource;
import dev.whetstone.models.engine.family.DecoderConfig.Experts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * The tensors that a configuration asks for, by their names in its files, and the arrays that they
 * become.
 */
public final class DecoderTensors {
  private static final int NAMED_FAULTS = 8;

  private DecoderTensors() {}

  /** One of the decoder's arrays. */
  public sealed interface Array {}

  /** Of a block. */
  public record BlockArray(int block, Slot slot) implements Array {}

  /** Of the decoder as a whole. */
  public enum Ends implements Array {
    EMBEDDING,
    FINAL_NORM,
    HEAD
  }

  /**
   * A run of elements of a tensor, and where they go.
   *
   * @param first element of the tensor
   * @param array they belong to
   * @param at element of the array
   * @param count of elements
   */
  public record Piece(long first, Array array, long at, long count) {}

  /**
   * A tensor of the files.
   *
   * @param shape that it must have
   * @param pieces that it consists of, in order
   */
  public record Expected(List<Long> shape, List<Piece> pieces) {}

  /** Shape of an array of a block; empty where the block has none. */
  public static List<Long> shape(DecoderConfig config, int block, Slot slot) {
    DecoderConfig.Attention attention = config.attention();
    DecoderConfig.FeedForward feed = config.feed();
    long d = config.hidden();
    long q = (long) attention.heads() * attention.headSize();
    long k = (long) attention.keyValueHeads() * attention.headSize();
    long i = feed.intermediate();
    List<Long> none = List.of();
    boolean sparse = feed.sparse().get(block);
    boolean dense = !sparse;
    Experts experts = feed.experts().orElse(new Experts(1, 1, 1, false, 0));
    long e = experts.count();
    long x = experts.intermediate();
    long y = sparse ? experts.sharedIntermediate() : 0;
    return switch (slot) {
      case INPUT_NORM, FEED_NORM -> List.of(d);
      case ATTENTION_NORM, OUT_NORM -> config.outputNorms() ? List.of(d) : none;
      case QUERY -> List.of(q, d);
      case KEY, VALUE -> List.of(k, d);
      case OUTPUT -> List.of(d, q);
      case QUERY_BIAS -> attention.biases() ? List.of(q) : none;
      case KEY_BIAS, VALUE_BIAS -> attention.biases() ? List.of(k) : none;
      case OUTPUT_BIAS -> attention.outputBias() ? List.of(d) : none;
      case QUERY_NORM, KEY_NORM ->
          attention.headNorms() ? List.of((long) attention.headSize()) : none;
      case GATE, UP -> dense ? List.of(i, d) : none;
      case DOWN -> dense ? List.of(d, i) : none;
      case GATE_BIAS, UP_BIAS -> dense && feed.biases() ? List.of(i) : none;
      case DOWN_BIAS -> dense && feed.biases() ? List.of(d) : none;
      case ROUTER -> sparse ? List.of(e, d) : none;
      case EXPERT_GATE, EXPERT_UP -> sparse ? List.of(e, x, d) : none;
      case EXPERT_DOWN -> sparse ? List.of(e, d, x) : none;
      case SHARED_SWITCH -> y > 0 ? List.of(1L, d) : none;
      case SHARED_GATE, SHARED_UP -> y > 0 ? List.of(y, d) : none;
      case SHARED_DOWN -> y > 0 ? List.of(d, y) : none;
    };
  }

  /** The arrays that at least one block has, in order. */
  public static List<Slot> slots(DecoderConfig config) {
    return Arrays.stream(Slot.values())
        .filter(
            slot ->
                IntStream.range(0, config.layers())
                    .anyMatch(block -> !shape(config, block, slot).isEmpty()))
        .toList();
  }

  /** Every tensor that the files must have, by name. */
  public static Map<String, Expected> expected(DecoderConfig config) {
    Layout layout = config.layout();
    List<Long> vocabulary = List.of((long) config.vocabulary(), (long) config.hidden());
    var all = new LinkedHashMap<String, Expected>();
    all.put(layout.embedding(), whole(vocabulary, Ends.EMBEDDING));
    for (int block = 0; block < config.layers(); block++) {
      String at = layout.block().formatted(block);
      for (Map.Entry<String, List<Slot>> part : layout.parts().entrySet()) {
        add(config, block, at + part.getKey(), part.getValue(), all);
      }
    }
    all.put(layout.finalNorm(), whole(List.of((long) config.hidden()), Ends.FINAL_NORM));
    if (!config.tied()) {
      all.put(layout.head(), whole(vocabulary, Ends.HEAD));
    }
    return all;
  }

  private static Expected whole(List<Long> shape, Array array) {
    return new Expected(shape, List.of(new Piece(0, array, 0, elements(shape))));
  }

  private static void add(
      DecoderConfig config, int block, String name, List<Slot> slots, Map<String, Expected> all) {
    List<Long> first = shape(config, block, slots.get(0));
    if (first.isEmpty()) {
      return;
    }
    if (name.contains("%d")) {
      // One slice of the array an expert.
      List<Long> slice = first.subList(1, first.size());
      long size = elements(slice);
      var array = new BlockArray(block, slots.get(0));
      for (int expert = 0; expert < first.get(0); expert++) {
        all.put(
            name.formatted(expert),
            new Expected(slice, List.of(new Piece(0, array, expert * size, size))));
      }
      return;
    }
    long rows = 0;
    long elements = 0;
    var pieces = new ArrayList<Piece>();
    for (Slot slot : slots) {
      List<Long> shape = shape(config, block, slot);
      long count = elements(shape);
      pieces.add(new Piece(elements, new BlockArray(block, slot), 0, count));
      elements += count;
      rows += shape.get(0);
    }
    var shape = new ArrayList<>(first);
    shape.set(0, rows);
    all.put(name, new Expected(List.copyOf(shape), List.copyOf(pieces)));
  }

  /** Long.MAX_VALUE where a hostile configuration asks for more: no file has that many. */
  private static long elements(List<Long> shape) {
    long elements = 1;
    for (long size : shape) {
      boolean fits = Math.multiplyHigh(elements, size) == 0 && elements * size >= 0;
      elements = fits ? elements * size : Long.MAX_VALUE;
    }
    return elements;
  }

  /** Expected shapes by name. */
  public static Map<String, List<Long>> shapes(DecoderConfig config) {
    var shapes = new LinkedHashMap<String, List<Long>>();
    expected(config).forEach((name, expected) -> shapes.put(name, expected.shape()));
    return shapes;
  }

  /** The shapes of all tensors of a source, for {@link #check}. */
  public static Map<String, List<Long>> shapesOf(TensorSource source) {
    var shapes = new LinkedHashMap<String, List<Long>>();
    source.names().forEach(name -> shapes.put(name, source.shape(name)));
    return shapes;
  }

  /**
   * Checks that tensors are those of a configuration, before any of them is read.
   *
   * @param found shapes by name
   * @param where the file or folder, for messages
   * @param configuration what says the sizes, such as {@code config.json}
   * @throws BadInputException if tensors are missing, surplus or of another shape: one sentence
   *     names them
   */
  public static void check(
      DecoderConfig config, Map<String, List<Long>> found, String where, String configuration) {
    // A list of what is expected would not fit into memory if these numbers were absurd.
    long sparse = config.feed().sparse().stream().filter(Boolean::booleanValue).count();
    long experts = sparse * config.feed().experts().map(Experts::count).orElse(0);
    if (config.layers() > found.size() || experts > found.size()) {
      throw new BadInputException(
          "%s: %s has %d layers and %d experts in them, the weights have %d tensors in all. Do the weights belong to this configuration?"
              .formatted(where, configuration, config.layers(), experts, found.size()));
    }
    Map<String, List<Long>> shapes = shapes(config);
    var faults = new ArrayList<String>();
    var missing = new TreeSet<>(shapes.keySet());
    missing.removeAll(found.keySet());
    missing.forEach(name -> faults.add(name + " is missing"));
    var surplus = new TreeSet<>(found.keySet());
    surplus.removeAll(shapes.keySet());
    // Old exports keep the rotary frequencies, and some keep a tied head.
    surplus.removeIf(
        name ->
            name.endsWith(".inv_freq") || (config.tied() && name.equals(config.layout().head())));
    surplus.forEach(name -> faults.add(name + " is not part of the model"));
    shapes.forEach(
        (name, expected) -> {
          if (!missing.contains(name) && !found.get(name).equals(expected)) {
            faults.add("%s is %s, expected %s".formatted(name, found.get(name), expected));
          }
        });
    if (!faults.isEmpty()) {
      int shown = Math.min(NAMED_FAULTS, faults.size());
      throw new BadInputException(
          "%s: %d tensors do not fit %s: %s%s. Do the weights belong to this configuration?"
              .formatted(
                  where,
                  faults.size(),
                  configuration,
                  String.join("; ", faults.subList(0, shown)),
                  faults.size() > shown ? "; and " + (faults.size() - shown) + " more" : ""));
    }
  }
}
