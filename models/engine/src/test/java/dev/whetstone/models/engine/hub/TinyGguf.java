package dev.whetstone.models.engine.hub;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A GGUF file of a one-layer llama with two heads, one key/value head and float32 weights. */
public final class TinyGguf {
  static final int HEADS = 2;
  static final int HEAD_SIZE = 4;
  public static final int HIDDEN = HEADS * HEAD_SIZE;
  static final int INTERMEDIATE = 6;

  public final Map<String, Object> metadata = new LinkedHashMap<>();
  public final Map<String, int[]> shapes = new LinkedHashMap<>();
  final Map<String, float[]> values = new LinkedHashMap<>();

  public TinyGguf(long seed) {
    List<String> tokens = tokens();
    var types = new ArrayList<Integer>();
    tokens.forEach(token -> types.add(token.startsWith("<|") ? 3 : 1));
    metadata.put("general.architecture", "llama");
    metadata.put("general.license", "apache-2.0");
    metadata.put("llama.block_count", 1);
    metadata.put("llama.context_length", 64);
    metadata.put("llama.embedding_length", HIDDEN);
    metadata.put("llama.feed_forward_length", INTERMEDIATE);
    metadata.put("llama.attention.head_count", HEADS);
    metadata.put("llama.attention.head_count_kv", 1);
    metadata.put("llama.rope.freq_base", 10000f);
    metadata.put("llama.attention.layer_norm_rms_epsilon", 1e-5f);
    metadata.put("tokenizer.ggml.model", "gpt2");
    metadata.put("tokenizer.ggml.pre", "smollm");
    metadata.put("tokenizer.ggml.tokens", tokens);
    metadata.put("tokenizer.ggml.token_type", types);
    metadata.put("tokenizer.ggml.merges", List.of("1 2", "a b"));
    metadata.put("tokenizer.ggml.bos_token_id", tokens.indexOf("<|start|>"));
    metadata.put("tokenizer.ggml.eos_token_id", tokens.indexOf("<|end|>"));
    metadata.put("tokenizer.chat_template", "{% for m in messages %}{{ m.content }}{% endfor %}");
    var random = new Random(seed);
    tensor(random, "token_embd", tokens.size(), HIDDEN);
    tensor(random, "blk.0.attn_norm", HIDDEN);
    tensor(random, "blk.0.attn_q", HIDDEN, HIDDEN);
    tensor(random, "blk.0.attn_k", HEAD_SIZE, HIDDEN);
    tensor(random, "blk.0.attn_v", HEAD_SIZE, HIDDEN);
    tensor(random, "blk.0.attn_output", HIDDEN, HIDDEN);
    tensor(random, "blk.0.ffn_norm", HIDDEN);
    tensor(random, "blk.0.ffn_gate", INTERMEDIATE, HIDDEN);
    tensor(random, "blk.0.ffn_up", INTERMEDIATE, HIDDEN);
    tensor(random, "blk.0.ffn_down", HIDDEN, INTERMEDIATE);
    tensor(random, "output_norm", HIDDEN);
  }

  /** The printable ASCII characters are bytes of themselves; then merges and special tokens. */
  private static List<String> tokens() {
    var tokens = new ArrayList<String>();
    for (char c = '!'; c <= '~'; c++) {
      tokens.add(String.valueOf(c));
    }
    tokens.addAll(List.of("Ġ", "12", "ab", "<|start|>", "<|end|>"));
    return tokens;
  }

  public void tensor(Random random, String name, int... shape) {
    int size = 1;
    for (int dimension : shape) {
      size *= dimension;
    }
    float[] numbers = new float[size];
    for (int i = 0; i < size; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    shapes.put(name + ".weight", shape);
    values.put(name + ".weight", numbers);
  }

  public Path write(Path file) throws IOException {
    var head = new Bytes();
    head.raw("GGUF".getBytes(StandardCharsets.US_ASCII));
    head.int32(3).int64(shapes.size()).int64(metadata.size());
    for (Map.Entry<String, Object> entry : metadata.entrySet()) {
      head.text(entry.getKey());
      head.int32(type(entry.getValue())).value(entry.getValue());
    }
    var data = new Bytes();
    for (Map.Entry<String, int[]> tensor : shapes.entrySet()) {
      int[] shape = tensor.getValue();
      head.text(tensor.getKey()).int32(shape.length);
      for (int d = shape.length - 1; d >= 0; d--) {
        head.int64(shape[d]); // ggml names the fastest dimension first
      }
      head.int32(0).int64(data.size());
      for (float value : values.get(tensor.getKey())) {
        data.int32(Float.floatToRawIntBits(value));
      }
      data.align();
    }
    head.align();
    head.raw(data.bytes.toByteArray());
    return Files.write(file, head.bytes.toByteArray());
  }

  private static int type(Object value) {
    if (value instanceof Integer) {
      return 5;
    }
    if (value instanceof Float) {
      return 6;
    }
    if (value instanceof Boolean) {
      return 7;
    }
    return value instanceof String ? 8 : 9;
  }

  /** Little-endian bytes. */
  private static final class Bytes {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    int size() {
      return bytes.size();
    }

    Bytes raw(byte[] more) {
      bytes.writeBytes(more);
      return this;
    }

    Bytes int32(int value) {
      return raw(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
    }

    Bytes int64(long value) {
      return raw(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
    }

    Bytes text(String text) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      return int64(utf8.length).raw(utf8);
    }

    void value(Object value) {
      if (value instanceof Integer number) {
        int32(number);
      } else if (value instanceof Float number) {
        int32(Float.floatToRawIntBits(number));
      } else if (value instanceof Boolean flag) {
        raw(new byte[] {(byte) (flag ? 1 : 0)});
      } else if (value instanceof String text) {
        text(text);
      } else {
        List<?> list = (List<?>) value;
        int32(type(list.get(0))).int64(list.size());
        list.forEach(this::value);
      }
    }

    void align() {
      while (size() % 32 != 0) {
        bytes.write(0);
      }
    }
  }
}
