package dev.whetstone.artifacts;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * SHA-256 of logical content, in order. Every part is preceded by its kind and length, so that two
 * different sequences of parts never give the same bytes. Times, host names, shard borders and
 * compression must not be fed in.
 *
 * <p>Not thread-safe.
 */
public final class ContentHash {
  private static final int BLOCK_BYTES = 1 << 20;

  private final MessageDigest digest = sha256();
  private final ByteBuffer head = ByteBuffer.allocate(9).order(ByteOrder.LITTLE_ENDIAN);

  /**
   * A hash that starts with what it is of, such as {@code "dataset/1"}: the kind and version of the
   * hashing rule.
   */
  public static ContentHash of(String kind) {
    return new ContentHash().add(kind);
  }

  public ContentHash add(String text) {
    return part('s', text.getBytes(StandardCharsets.UTF_8));
  }

  public ContentHash add(long number) {
    head.clear().put((byte) 'n').putLong(number);
    digest.update(head.array());
    return this;
  }

  public ContentHash add(byte[] bytes) {
    return part('b', bytes);
  }

  /** The bits of numbers, as {@link #add(int[])}. */
  public ContentHash add(float[] numbers) {
    int[] bits = new int[numbers.length];
    Arrays.setAll(bits, i -> Float.floatToIntBits(numbers[i]));
    return add(bits);
  }

  /** Numbers as little-endian int32. */
  public ContentHash add(int[] numbers) {
    var bytes =
        ByteBuffer.allocate(Math.multiplyExact(4, numbers.length)).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(numbers);
    return part('i', bytes.array());
  }

  /** A JSON value in canonical form. */
  public ContentHash addJson(Object value) {
    return part('j', Json.canonical(value));
  }

  /**
   * Announces {@code sizeBytes} that {@link #addBlock} then feeds piece by piece; the hash is that
   * of one {@link #add(byte[])}.
   */
  public ContentHash startBytes(long sizeBytes) {
    head.clear().put((byte) 'b').putLong(sizeBytes);
    digest.update(head.array());
    return this;
  }

  /** A piece of what {@link #startBytes} announced; consumes {@code block}. */
  public ContentHash addBlock(ByteBuffer block) {
    digest.update(block);
    return this;
  }

  /** {@code "sha256:"} and 64 hexadecimal digits. This object must not be used afterwards. */
  public String finish() {
    return "sha256:" + HexFormat.of().formatHex(digest.digest());
  }

  /** The plain SHA-256 of a file's bytes, 64 hexadecimal digits, as {@code sha256sum} prints it. */
  public static String sha256(Path file) {
    InputFile.check(file, "a file");
    MessageDigest digest = sha256();
    try (InputStream in = Files.newInputStream(file)) {
      byte[] block = new byte[BLOCK_BYTES];
      for (int n = in.read(block); n >= 0; n = in.read(block)) {
        digest.update(block, 0, n);
      }
    } catch (IOException e) {
      throw InputFile.unreadable(file, "a file", e);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** The plain SHA-256 of a text's UTF-8 bytes, 64 hexadecimal digits. */
  public static String sha256(String text) {
    return HexFormat.of().formatHex(sha256().digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  private ContentHash part(char kind, byte[] bytes) {
    head.clear().put((byte) kind).putLong(bytes.length);
    digest.update(head.array());
    digest.update(bytes);
    return this;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
