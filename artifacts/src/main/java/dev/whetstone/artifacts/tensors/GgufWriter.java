package dev.whetstone.artifacts.tensors;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.command.Progress;
import dev.whetstone.artifacts.tensors.Gguf.Output;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/** Writes a GGUF file: the head at once, then each tensor block by block. */
final class GgufWriter {
  private static final int VERSION = 3;

  /** {@code GGUF_DEFAULT_ALIGNMENT} of the specification. */
  private static final int ALIGNMENT = 32;

  /** {@code GGML_MAX_DIMS} and {@code GGML_MAX_NAME} of ggml.h, the latter with its final zero. */
  private static final int MAX_DIMENSIONS = 4;

  private static final int MAX_NAME_BYTES = 63;

  /** Whole blocks of every type. */
  private static final int BLOCK_ELEMENTS = 1 << 18;

  private final Path file;
  private final TensorSource source;
  private final ByteArrayOutputStream head = new ByteArrayOutputStream();

  private GgufWriter(Path file, TensorSource source) {
    this.file = file;
    this.source = source;
  }

  static void write(
      Path file, Map<String, Object> metadata, TensorSource source, List<Output> tensors) {
    var writer = new GgufWriter(file, source);
    writer.describe(metadata, tensors);
    AtomicFile.write(file, channel -> writer.body(channel, tensors));
  }

  private void describe(Map<String, Object> metadata, List<Output> tensors) {
    head.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
    int32(VERSION);
    int64(tensors.size());
    int64(metadata.size());
    metadata.forEach(
        (key, value) -> {
          text(key);
          scalarOrList(key, value);
        });
    var names = new HashSet<String>();
    long offset = 0;
    for (Output tensor : tensors) {
      List<Long> shape = source.shape(tensor.source());
      check(tensor, shape, names.add(tensor.name()));
      text(tensor.name());
      int32(shape.size());
      for (int d = shape.size() - 1; d >= 0; d--) {
        int64(shape.get(d)); // ggml names the fastest dimension first, torch last
      }
      int32(code(tensor.type()));
      int64(offset);
      offset = aligned(offset + tensor.type().sizeBytes(shape));
    }
  }

  private static void check(Output tensor, List<Long> shape, boolean isNew) {
    int nameBytes = tensor.name().getBytes(StandardCharsets.UTF_8).length;
    long row = shape.isEmpty() ? 1 : shape.get(shape.size() - 1);
    if (!isNew
        || nameBytes > MAX_NAME_BYTES
        || shape.size() > MAX_DIMENSIONS
        || row % tensor.type().encoding().blockElements() != 0) {
      throw new IllegalArgumentException(
          "tensor %s of shape %s cannot be written as %s, or its name is taken or too long"
              .formatted(tensor.name(), shape, tensor.type()));
    }
  }

  /** {@code enum ggml_type} of ggml.h. */
  private static int code(GgufType type) {
    return switch (type) {
      case F32 -> 0;
      case F16 -> 1;
      case Q4_0 -> 2;
      case Q8_0 -> 8;
      case BF16 -> 30;
    };
  }

  /** {@code enum gguf_type}: uint32 4, int32 5, float32 6, bool 7, string 8, array 9. */
  private void scalarOrList(String key, Object value) {
    if (value instanceof List<?> list) {
      int32(9);
      int32(list.stream().allMatch(Long.class::isInstance) ? 5 : type(key, list.get(0)));
      int64(list.size());
      for (Object element : list) {
        if (element.getClass() != list.get(0).getClass()) {
          throw new IllegalArgumentException(key + ": a list of several types");
        }
        scalar(element);
      }
      return;
    }
    int32(type(key, value));
    scalar(value);
  }

  private static int type(String key, Object value) {
    if (value instanceof Long number && number >= 0 && number <= 0xffff_ffffL) {
      return 4;
    }
    if (value instanceof Double) {
      return 6;
    }
    if (value instanceof Boolean) {
      return 7;
    }
    if (value instanceof String) {
      return 8;
    }
    throw new IllegalArgumentException("%s: %s cannot be written".formatted(key, value));
  }

  private void scalar(Object value) {
    if (value instanceof Long number) {
      int32(number.intValue());
    } else if (value instanceof Double number) {
      int32(Float.floatToRawIntBits(number.floatValue()));
    } else if (value instanceof Boolean flag) {
      head.write(flag ? 1 : 0);
    } else {
      text((String) value);
    }
  }

  private void text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    int64(utf8.length);
    head.writeBytes(utf8);
  }

  private void int32(int value) {
    head.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
  }

  private void int64(long value) {
    head.writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
  }

  private static long aligned(long position) {
    return (position + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  private void body(FileChannel channel, List<Output> tensors) throws IOException {
    AtomicFile.writeFully(channel, ByteBuffer.wrap(head.toByteArray()));
    pad(channel);
    FloatBuffer values = FloatBuffer.allocate(BLOCK_ELEMENTS);
    try (Progress progress = Progress.quiet("write " + file.getFileName(), tensors.size())) {
      for (Output tensor : tensors) {
        long elements = Safetensors.elements(source.shape(tensor.source()));
        for (long at = 0; at < elements; at += values.limit()) {
          values.clear().limit((int) Math.min(BLOCK_ELEMENTS, elements - at));
          source.read(tensor.source(), at, values);
          AtomicFile.writeFully(channel, encode(tensor, values.flip()));
        }
        pad(channel);
        progress.add(1);
      }
    }
  }

  private static void pad(FileChannel channel) throws IOException {
    long position = channel.position();
    AtomicFile.writeFully(channel, ByteBuffer.allocate((int) (aligned(position) - position)));
  }

  private ByteBuffer encode(Output tensor, FloatBuffer values) {
    Encoding encoding = tensor.type().encoding();
    int blocks = values.limit() / encoding.blockElements();
    ByteBuffer bytes =
        ByteBuffer.allocate(blocks * encoding.blockBytes()).order(ByteOrder.LITTLE_ENDIAN);
    try {
      for (int i = 0; i < values.limit(); i++) {
        if (!Float.isFinite(values.get(i))) {
          throw new ArithmeticException("a value is not finite (NaN or infinity)");
        }
      }
      encoding.narrow(values.array(), blocks, bytes);
    } catch (ArithmeticException e) {
      throw new BadInputException(
          "%s: tensor %s cannot be written as %s: %s. Fetch or train the model again, or write another type."
              .formatted(file, tensor.name(), tensor.type(), e.getMessage()),
          e);
    }
    return bytes.flip();
  }
}
