package dev.whetstone.artifacts.tensors;

import dev.whetstone.artifacts.tensors.MappedTensors.Placed;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The head of a GGUF file, checked before anything is read by it: no count or length in it is
 * believed until the file has room for what it announces.
 */
record GgufHeader(Map<String, Object> metadata, Map<String, Placed> tensors) {
  private static final int MAGIC = 0x46554747; // "GGUF", little-endian

  /** {@code GGUF_DEFAULT_ALIGNMENT} of the specification. */
  private static final long DEFAULT_ALIGNMENT = 32;

  /** {@code GGML_MAX_DIMS} of ggml.h. */
  private static final int MAX_DIMENSIONS = 4;

  /** Far above any chat template; a text is one allocation. */
  private static final long MAX_TEXT_BYTES = 64L << 20;

  /** Far above any vocabulary; all metadata arrays of a file together. */
  private static final long MAX_ARRAY_ELEMENTS = 1L << 23;

  private static final int MAX_ARRAY_DEPTH = 4;

  /** A tensor's smallest description: empty name, no dimensions, type, offset. */
  private static final int MIN_TENSOR_BYTES = 8 + 4 + 4 + 8;

  /** A metadata entry's smallest form: empty key, type, one byte. */
  private static final int MIN_ENTRY_BYTES = 8 + 4 + 1;

  static GgufHeader read(MappedFile file) {
    return new Reader(file).read();
  }

  /** The position in the file, with bounds. */
  private static final class Reader {
    private final MappedFile file;
    private final Faults faults;
    private long position;
    private long arrayElements;

    Reader(MappedFile file) {
      this.file = file;
      this.faults =
          new Faults(
              file.path(),
              "The file is damaged or of a kind that is not read here; fetch it again, or take one"
                  + " in F32, F16, BF16, Q8_0, Q2_K to Q6_K, or Q4_0 to Q5_1.");
    }

    GgufHeader read() {
      if (file.sizeBytes() < 24) {
        throw faults.fatal("expected a GGUF head of 24 bytes, found %d bytes", file.sizeBytes());
      }
      if (int32() != MAGIC) {
        throw faults.fatal("expected GGUF, found another kind of file");
      }
      int version = int32();
      if (version != 2 && version != 3) {
        throw faults.fatal(
            "expected GGUF version 2 or 3, little-endian, found version %s",
            Integer.reverseBytes(version) == 2 || Integer.reverseBytes(version) == 3
                ? Integer.reverseBytes(version) + ", big-endian"
                : Integer.toUnsignedString(version));
      }
      long tensorCount = count("tensors", MIN_TENSOR_BYTES);
      long entryCount = count("metadata entries", MIN_ENTRY_BYTES);
      Map<String, Object> metadata = metadata(entryCount);
      long alignment = alignment(metadata);
      List<Described> described = describedTensors(tensorCount);
      long dataStart = (position + alignment - 1) / alignment * alignment;
      Map<String, Placed> tensors = place(described, dataStart, alignment);
      faults.throwIfAny();
      return new GgufHeader(Collections.unmodifiableMap(metadata), tensors);
    }

    private Map<String, Object> metadata(long entries) {
      var metadata = new LinkedHashMap<String, Object>();
      for (long i = 0; i < entries; i++) {
        String key = text("the key of metadata entry " + i);
        Object value = value(int32(), key, 0);
        if (metadata.put(key, value) != null) {
          throw faults.fatal("metadata key \"%s\" occurs twice", key);
        }
      }
      return metadata;
    }

    private Object value(int type, String key, int depth) {
      return switch (type) {
        case 0 -> (long) (int8() & 0xff);
        case 1 -> (long) int8();
        case 2 -> (long) (int16() & 0xffff);
        case 3 -> (long) int16();
        case 4 -> int32() & 0xffffffffL;
        case 5 -> (long) int32();
        case 6 -> (double) Float.intBitsToFloat(int32());
        case 7 -> bool(key);
        case 8 -> text("metadata \"" + key + "\"");
        case 9 -> array(key, depth + 1);
        case 10 -> unsigned(key);
        case 11 -> int64();
        case 12 -> Double.longBitsToDouble(int64());
        default ->
            throw faults.fatal(
                "metadata \"%s\" has the unknown type %s", key, Integer.toUnsignedString(type));
      };
    }

    private boolean bool(String key) {
      byte value = int8();
      if (value != 0 && value != 1) {
        throw faults.fatal("metadata \"%s\" is a boolean of value %d", key, value);
      }
      return value == 1;
    }

    private long unsigned(String key) {
      long value = int64();
      if (value < 0) {
        throw faults.fatal("metadata \"%s\" is %s, above 2^63", key, Long.toUnsignedString(value));
      }
      return value;
    }

    private List<Object> array(String key, int depth) {
      if (depth > MAX_ARRAY_DEPTH) {
        throw faults.fatal("metadata \"%s\" nests arrays over %d deep", key, MAX_ARRAY_DEPTH);
      }
      int type = int32();
      int minBytes =
          switch (type) {
            case 0, 1, 7 -> 1;
            case 2, 3 -> 2;
            case 4, 5, 6 -> 4;
            case 8, 10, 11, 12 -> 8;
            case 9 -> 12;
            default ->
                throw faults.fatal(
                    "metadata \"%s\" is an array of the unknown type %s",
                    key, Integer.toUnsignedString(type));
          };
      long length = count("elements of metadata \"" + key + "\"", minBytes);
      arrayElements += length;
      if (arrayElements > MAX_ARRAY_ELEMENTS) {
        throw faults.fatal("its metadata arrays have over %d elements", MAX_ARRAY_ELEMENTS);
      }
      var elements = new ArrayList<Object>((int) length);
      for (long i = 0; i < length; i++) {
        elements.add(value(type, key, depth));
      }
      return Collections.unmodifiableList(elements);
    }

    private long alignment(Map<String, Object> metadata) {
      Object value = metadata.getOrDefault("general.alignment", DEFAULT_ALIGNMENT);
      if (value instanceof Long alignment
          && alignment > 0
          && alignment <= 1 << 30
          && Long.bitCount(alignment) == 1) {
        return alignment;
      }
      throw faults.fatal("general.alignment is %s, expected a power of two", value);
    }

    /** A tensor as described; {@code shape} in torch's order, {@code offset} within the data. */
    private record Described(String name, List<Long> shape, int type, long offset) {}

    private List<Described> describedTensors(long count) {
      var described = new ArrayList<Described>((int) Math.min(count, 1 << 16));
      for (long i = 0; i < count; i++) {
        String name = text("the name of tensor " + i);
        int dimensions = int32();
        if (dimensions < 0 || dimensions > MAX_DIMENSIONS) {
          throw faults.fatal(
              "tensor \"%s\" has %s dimensions, at most %d are allowed",
              name, Integer.toUnsignedString(dimensions), MAX_DIMENSIONS);
        }
        var shape = new ArrayList<Long>();
        for (int d = 0; d < dimensions; d++) {
          shape.add(0, int64()); // ggml names the fastest dimension first, torch last
        }
        described.add(new Described(name, shape, int32(), int64()));
      }
      return described;
    }

    private Map<String, Placed> place(List<Described> described, long dataStart, long alignment) {
      var tensors = new LinkedHashMap<String, Placed>();
      for (Described tensor : described) {
        Placed placed = place(tensor, dataStart, alignment);
        if (placed != null && tensors.put(tensor.name(), placed) != null) {
          faults.add("tensor \"%s\" occurs twice", tensor.name());
        }
      }
      List<Map.Entry<String, Placed>> inOrder = new ArrayList<>(tensors.entrySet());
      inOrder.sort(
          Comparator.<Map.Entry<String, Placed>>comparingLong(e -> e.getValue().begin())
              .thenComparingLong(e -> e.getValue().sizeBytes()));
      long covered = dataStart;
      for (Map.Entry<String, Placed> entry : inOrder) {
        if (entry.getValue().begin() < covered) {
          faults.add("tensor \"%s\" overlaps another", entry.getKey());
        }
        covered = Math.max(covered, entry.getValue().begin() + entry.getValue().sizeBytes());
      }
      return tensors;
    }

    /** {@code null} where there is a fault, which is noted. */
    private Placed place(Described tensor, long dataStart, long alignment) {
      Encoding encoding = encoding(tensor.type());
      if (encoding == null) {
        faults.add(
            "tensor \"%s\" has ggml type %s",
            tensor.name(), Integer.toUnsignedString(tensor.type()));
        return null;
      }
      long elements;
      try {
        if (tensor.shape().stream().anyMatch(size -> size < 0)) {
          throw new ArithmeticException();
        }
        elements = Safetensors.elements(tensor.shape());
      } catch (ArithmeticException e) {
        faults.add(
            "tensor \"%s\" has shape %s, more elements than 63 bits count",
            tensor.name(), tensor.shape());
        return null;
      }
      long row = tensor.shape().isEmpty() ? 1 : tensor.shape().get(tensor.shape().size() - 1);
      if (row % encoding.blockElements() != 0) {
        faults.add(
            "tensor \"%s\" has rows of %d elements, %s needs a multiple of %d",
            tensor.name(), row, encoding, encoding.blockElements());
        return null;
      }
      // Division first: no size in bytes that the file could not hold is ever multiplied out.
      long blocks = elements / encoding.blockElements();
      long room = file.sizeBytes() - dataStart - tensor.offset();
      if (tensor.offset() < 0 || room < 0 || blocks > room / encoding.blockBytes()) {
        faults.add(
            "tensor \"%s\" of shape %s (%s) at offset %s runs past the end of the file",
            tensor.name(), tensor.shape(), encoding, Long.toUnsignedString(tensor.offset()));
        return null;
      }
      if (tensor.offset() % alignment != 0) {
        faults.add(
            "tensor \"%s\" is at offset %d, which is not a multiple of %d",
            tensor.name(), tensor.offset(), alignment);
        return null;
      }
      Dtype dtype =
          switch (encoding) {
            case F16 -> Dtype.F16;
            case BF16 -> Dtype.BF16;
            case F32, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K -> Dtype.F32;
            case I32, I64, U8 -> throw new IllegalStateException("not a ggml type: " + encoding);
          };
      return new Placed(tensor.shape(), dtype, encoding, dataStart + tensor.offset(), elements);
    }

    /** {@code enum ggml_type} of ggml.h; {@code null} for what is not read here. */
    private static Encoding encoding(int type) {
      return switch (type) {
        case 0 -> Encoding.F32;
        case 1 -> Encoding.F16;
        case 2 -> Encoding.Q4_0;
        case 3 -> Encoding.Q4_1;
        case 6 -> Encoding.Q5_0;
        case 7 -> Encoding.Q5_1;
        case 8 -> Encoding.Q8_0;
        case 10 -> Encoding.Q2_K;
        case 11 -> Encoding.Q3_K;
        case 12 -> Encoding.Q4_K;
        case 13 -> Encoding.Q5_K;
        case 14 -> Encoding.Q6_K;
        case 30 -> Encoding.BF16;
        default -> null;
      };
    }

    /** A count of things of which each takes at least {@code minBytes} of what is left. */
    private long count(String what, int minBytes) {
      long count = int64();
      if (count < 0 || count > (file.sizeBytes() - position) / minBytes) {
        throw faults.fatal(
            "at byte %d it announces %s %s, more than its %d bytes hold",
            position - 8, Long.toUnsignedString(count), what, file.sizeBytes());
      }
      return count;
    }

    private String text(String what) {
      long length = int64();
      if (length < 0 || length > Math.min(MAX_TEXT_BYTES, file.sizeBytes() - position)) {
        throw faults.fatal(
            "%s at byte %d has a length of %s bytes, more than the file or any text has",
            what, position - 8, Long.toUnsignedString(length));
      }
      ByteBuffer bytes = take((int) length);
      try {
        return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
      } catch (CharacterCodingException e) {
        throw faults.fatal("%s at byte %d is not UTF-8", what, position - length);
      }
    }

    private byte int8() {
      return take(1).get();
    }

    private short int16() {
      return take(2).getShort();
    }

    private int int32() {
      return take(4).getInt();
    }

    private long int64() {
      return take(8).getLong();
    }

    private ByteBuffer take(int length) {
      if (length > file.sizeBytes() - position) {
        throw faults.fatal("it ends at byte %d, in the middle of its head", file.sizeBytes());
      }
      ByteBuffer bytes = file.copy(position, length);
      position += length;
      return bytes;
    }
  }
}
