package dev.whetstone.artifacts.tensors;

import dev.whetstone.artifacts.BadInputException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A GGUF file (read: versions 2 and 3, written: 3; little-endian): metadata, and tensors quantised
 * and dequantised bit for bit as the Python {@code gguf} package does. Tensor shapes are given in
 * torch's order.
 *
 * <p>Names and layout are those of the file. llama.cpp's converter permutes the rows of {@code
 * attn_q} and {@code attn_k} of the llama family (its rotary embedding pairs neighbours, where
 * transformers pairs the two halves of a head): whoever makes a transformers model of them undoes
 * that, and whoever writes one does it; this class does neither.
 *
 * @see <a href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md">GGUF specification</a>
 */
public final class Gguf {
  private Gguf() {}

  /**
   * An opened file. Metadata values: {@code String}, {@code Long}, {@code Double}, {@code Boolean},
   * {@code List} of these.
   */
  public record File(Map<String, Object> metadata, TensorSource tensors) implements AutoCloseable {
    @Override
    public void close() {
      tensors.close();
    }
  }

  /**
   * Opens a file and checks its whole head: every count, length, offset and type before it is used.
   *
   * @throws BadInputException if the file is missing, breaks a rule of the format, or holds a
   *     tensor of a quantisation that is not read here; the faulty tensors are named
   */
  public static File open(Path file) {
    MappedFile mapped = MappedFile.open(file);
    GgufHeader header = GgufHeader.read(mapped);
    return new File(header.metadata(), new MappedTensors(mapped, header.tensors()));
  }

  /**
   * A tensor to write.
   *
   * @param name in the file, at most 63 bytes
   * @param source its name in the source
   * @param type in which it is written; rows must be whole blocks of it ({@link GgufType#of})
   */
  public record Output(String name, String source, GgufType type) {}

  /**
   * Writes a file by atomic rename, metadata and tensors in the order given. Tensors are read from
   * {@code source} and quantised block by block.
   *
   * @param metadata values as {@link File#metadata} has them, written as what llama.cpp asks for:
   *     {@code Long} as uint32, in a list as int32, {@code Double} as float32. Lists are not empty
   * @throws BadInputException if a value is not finite, or beyond the range of the tensor's type
   */
  public static void write(
      Path file, Map<String, Object> metadata, TensorSource source, List<Output> tensors) {
    GgufWriter.write(file, metadata, source, tensors);
  }
}
