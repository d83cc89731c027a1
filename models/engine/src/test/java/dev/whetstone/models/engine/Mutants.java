package dev.whetstone.models.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A seeded mutator of JSON documents and GGUF files that knows what it changes: where {@link
 * HostileFolders} spoils text, this one exchanges values of a tree and numbers of a head.
 */
final class Mutants {
  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "-1",
          "0",
          "1",
          "0.5",
          "-2147483649",
          "4294967296",
          "9223372036854775807",
          "1e308",
          "\"\"",
          "\"x\"",
          "\"\\u0000\"",
          "[]",
          "{}",
          "[[]]",
          "[\"a\", \"b\"]",
          "{\"type\": \"Sequence\"}",
          "{\"type\": \"Fuse\"}",
          "{\"Regex\": \"(a+)+$\"}",
          "{\"String\": \"\"}");

  private static final long[] NUMBERS = {
    0,
    1,
    -1,
    2,
    7,
    31,
    33,
    255,
    1 << 20,
    Integer.MAX_VALUE,
    1L << 31,
    1L << 33,
    1L << 62,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  /** Enough for a parser that descends, and for one that counts. */
  private static final int[] DEPTHS = {8, 100, 499, 501, 100_000};

  private Mutants() {}

  /** One to three changes of a document: some to its tree, some to its text. */
  static byte[] json(String document, Random random) {
    String text = document;
    for (int i = random.nextInt(3); i >= 0; i--) {
      text = random.nextInt(5) == 0 ? changedText(text, random) : changedTree(text, random);
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String changedText(String text, Random random) {
    if (text.isEmpty()) {
      return "{";
    }
    int at = random.nextInt(text.length());
    return switch (random.nextInt(5)) {
      case 0 -> text.substring(0, at);
      case 1 ->
          text.substring(0, at)
              + (char) (text.charAt(at) ^ 1 << random.nextInt(7))
              + text.substring(at + 1);
      case 2 -> {
        int depth = DEPTHS[random.nextInt(DEPTHS.length)];
        int colon = text.indexOf(':', at);
        String open = random.nextBoolean() ? "[" : "{\"a\":";
        yield colon < 0
            ? "[".repeat(depth)
            : text.substring(0, colon + 1) + open.repeat(depth) + text.substring(colon + 1);
      }
      case 3 -> {
        // A key of the top once more.
        int quote = text.indexOf('"');
        int colon = text.indexOf(':');
        yield quote < 0 || colon < quote
            ? text + text
            : "{" + text.substring(quote, colon + 1) + "0," + text.substring(1);
      }
      default -> text.replaceFirst("\\d+", "\\\\ud800");
    };
  }

  private static String changedTree(String text, Random random) {
    JsonNode tree;
    try {
      tree = Json.mapper().readTree(text);
    } catch (IOException e) {
      return text; // an earlier change broke it
    }
    List<JsonNode> parents = new ArrayList<>();
    containers(tree, parents);
    if (parents.isEmpty()) {
      return "null";
    }
    // Near the root are the fields that matter; a vocabulary has hundreds that are alike.
    int bound = random.nextInt(3) == 0 ? parents.size() : Math.min(parents.size(), 40);
    JsonNode parent = parents.get(random.nextInt(bound));
    JsonNode value = value(random);
    JsonNode other = parents.get(random.nextInt(parents.size())).deepCopy();
    if (parent instanceof ObjectNode object && !object.isEmpty()) {
      List<String> keys = new ArrayList<>();
      object.fieldNames().forEachRemaining(keys::add);
      String key = keys.get(random.nextInt(keys.size()));
      switch (random.nextInt(5)) {
        case 0 -> object.remove(key);
        case 1 -> object.set(key, other);
        case 2 -> object.set(keys.get(random.nextInt(keys.size())), object.get(key).deepCopy());
        default -> object.set(key, value);
      }
    } else if (parent instanceof ArrayNode array && !array.isEmpty()) {
      int at = random.nextInt(array.size());
      switch (random.nextInt(5)) {
        case 0 -> array.remove(at);
        case 1 -> array.insert(at, array.get(at).deepCopy());
        case 2 -> array.set(at, other);
        default -> array.set(at, value);
      }
    }
    return Json.line(tree);
  }

  private static JsonNode value(Random random) {
    try {
      return switch (random.nextInt(8)) {
        case 0 -> Json.mapper().getNodeFactory().textNode("x".repeat(1 << random.nextInt(21)));
        case 1 -> Json.mapper().getNodeFactory().numberNode(random.nextInt(300));
        default -> Json.mapper().readTree(VALUES.get(random.nextInt(VALUES.size())));
      };
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void containers(JsonNode node, List<JsonNode> into) {
    var queue = new java.util.ArrayDeque<JsonNode>(List.of(node));
    while (!queue.isEmpty()) {
      JsonNode next = queue.poll();
      if (next.isContainerNode()) {
        into.add(next);
        next.forEach(queue::add);
      }
    }
  }

  /** One or two numbers, lengths or bytes of a GGUF file's head of {@code headBytes} changed. */
  static byte[] gguf(byte[] file, int headBytes, Random random) {
    byte[] bytes = file.clone();
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = random.nextInt(2); i >= 0; i--) {
      int at = random.nextInt(headBytes - 8);
      switch (random.nextInt(7)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> buffer.putInt(at, (int) NUMBERS[random.nextInt(NUMBERS.length)]);
        case 2 -> buffer.putLong(at, NUMBERS[random.nextInt(NUMBERS.length)]);
        case 3 ->
            buffer.putLong(8 + 8 * random.nextInt(2), NUMBERS[random.nextInt(NUMBERS.length)]);
        case 4 -> {
          // Behind a text stand types, lengths and offsets.
          int end = at;
          while (end < headBytes - 9
              && !(Character.isLetter(bytes[end]) && bytes[end + 1] >= 0 && bytes[end + 1] < 32)) {
            end++;
          }
          buffer.putInt(end + 1, random.nextInt(40));
        }
        case 5 -> {
          int to = random.nextInt(headBytes - 16);
          System.arraycopy(file, at, bytes, to, Math.min(16, headBytes - at));
        }
        default -> {
          if (random.nextInt(3) == 0) {
            return java.util.Arrays.copyOf(bytes, 1 + random.nextInt(bytes.length - 1));
          }
          buffer.putFloat(at, random.nextBoolean() ? Float.NaN : -0.0f);
        }
      }
    }
    return bytes;
  }
}
