package dev.whetstone.artifacts.tensors;

import dev.whetstone.artifacts.BadInputException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Tensors of one mapped file, each a run of equal blocks of elements. */
final class MappedTensors implements TensorSource {
  private static final int READ_BYTES = 1 << 16;

  /**
   * A tensor in its file.
   *
   * @param dtype what {@link TensorSource#dtype} says
   * @param begin first byte in the file
   */
  record Placed(List<Long> shape, Dtype dtype, Encoding encoding, long begin, long elements) {
    Placed {
      shape = List.copyOf(shape);
    }

    long sizeBytes() {
      return elements / encoding.blockElements() * encoding.blockBytes();
    }
  }

  private final MappedFile file;
  private final Map<String, Placed> tensors;

  /** Takes over {@code file}: it is closed with this. All of {@code tensors} lie inside it. */
  MappedTensors(MappedFile file, Map<String, Placed> tensors) {
    this.file = file;
    this.tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
  }

  @Override
  public Set<String> names() {
    return tensors.keySet();
  }

  @Override
  public List<Long> shape(String name) {
    return tensor(name).shape();
  }

  @Override
  public Dtype dtype(String name) {
    return tensor(name).dtype();
  }

  @Override
  public void read(String name, long first, FloatBuffer into) {
    Placed tensor = tensor(name);
    if (first < 0 || into.remaining() > tensor.elements() - first) {
      throw new IllegalArgumentException(
          "%s, tensor %s: elements %d+%d are outside its %d"
              .formatted(file.path(), name, first, into.remaining(), tensor.elements()));
    }
    Encoding encoding = tensor.encoding();
    int blocksPerRead = Math.max(1, READ_BYTES / encoding.blockBytes());
    byte[] bytes = new byte[0];
    float[] values = new float[0];
    long at = first;
    while (into.hasRemaining()) {
      long block = at / encoding.blockElements();
      int skip = (int) (at % encoding.blockElements());
      long wantedBlocks =
          ((long) skip + into.remaining() + encoding.blockElements() - 1)
              / encoding.blockElements();
      int blocks = (int) Math.min(blocksPerRead, wantedBlocks);
      int length = blocks * encoding.blockBytes();
      if (bytes.length < length) {
        bytes = new byte[length];
        values = new float[blocks * encoding.blockElements()];
      }
      file.read(tensor.begin() + block * encoding.blockBytes(), bytes, length);
      try {
        encoding.widen(bytes, blocks, values);
      } catch (ArithmeticException e) {
        throw new BadInputException(
            "%s, tensor %s: %s".formatted(file.path(), name, e.getMessage()), e);
      }
      int count = Math.min(into.remaining(), blocks * encoding.blockElements() - skip);
      into.put(values, skip, count);
      at += count;
    }
  }

  /** Size of a tensor on disk. */
  long sizeBytes(String name) {
    return tensor(name).sizeBytes();
  }

  /** The tensor's bytes on disk, in order, block by block. */
  void eachBlock(String name, java.util.function.Consumer<ByteBuffer> use) {
    Placed tensor = tensor(name);
    byte[] bytes = new byte[(int) Math.min(READ_BYTES * 16L, tensor.sizeBytes())];
    for (long done = 0; done < tensor.sizeBytes(); ) {
      int count = (int) Math.min(bytes.length, tensor.sizeBytes() - done);
      file.read(tensor.begin() + done, bytes, count);
      use.accept(ByteBuffer.wrap(bytes, 0, count));
      done += count;
    }
  }

  private Placed tensor(String name) {
    Placed tensor = tensors.get(name);
    if (tensor == null) {
      throw new BadInputException(
          "%s: has no tensor \"%s\"; it has %d, such as %s."
              .formatted(
                  file.path(),
                  name,
                  tensors.size(),
                  String.join(", ", tensors.keySet().stream().limit(3).toList())));
    }
    return tensor;
  }

  @Override
  public void close() {
    file.close();
  }
}
