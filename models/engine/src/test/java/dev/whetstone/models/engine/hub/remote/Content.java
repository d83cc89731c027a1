package dev.whetstone.models.engine.hub.remote;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** A file of a fake hub, without holding it in memory where it is large. */
interface Content {
  long size();

  /** Writes bytes {@code from} up to {@code to}. */
  void write(OutputStream out, long from, long to) throws IOException;

  /** Whether the hub keeps it in LFS. */
  boolean isLfs();

  String sha256();

  String gitSha1();

  static Content of(byte[] bytes, boolean lfs) {
    MessageDigest sha1 = Hashes.digest("SHA-1");
    sha1.update(("blob " + bytes.length + "\0").getBytes(StandardCharsets.UTF_8));
    sha1.update(bytes);
    MessageDigest sha256 = Hashes.digest("SHA-256");
    sha256.update(bytes);
    return new Bytes(bytes, lfs, Hashes.hex(sha256), Hashes.hex(sha1));
  }

  /** Seeded bytes that look random: a wrong place or a wrong order shows in the hash. */
  static Content large(long size, long seed) {
    return new Generated(size, seed);
  }

  /** Held in memory. */
  record Bytes(byte[] bytes, boolean isLfs, String sha256, String gitSha1) implements Content {
    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public void write(OutputStream out, long from, long to) throws IOException {
      out.write(bytes, (int) from, (int) (to - from));
    }
  }

  /** Of this size, and never sent. */
  record Sized(long size) implements Content {
    @Override
    public void write(OutputStream out, long from, long to) {
      throw new IllegalStateException("asked for");
    }

    @Override
    public boolean isLfs() {
      return true;
    }

    @Override
    public String sha256() {
      return "0".repeat(64);
    }

    @Override
    public String gitSha1() {
      return "0".repeat(40);
    }
  }

  /** Made when asked for; each 8 bytes are a function of their place. */
  final class Generated implements Content {
    private static final int BLOCK = 1 << 16;

    private final long size;
    private final long seed;
    private final String sha256;

    private Generated(long size, long seed) {
      this.size = size;
      this.seed = seed;
      MessageDigest digest = Hashes.digest("SHA-256");
      try {
        write(
            new OutputStream() {
              @Override
              public void write(int b) {
                digest.update((byte) b);
              }

              @Override
              public void write(byte[] bytes, int offset, int length) {
                digest.update(bytes, offset, length);
              }
            },
            0,
            size);
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
      this.sha256 = Hashes.hex(digest);
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public boolean isLfs() {
      return true;
    }

    @Override
    public String sha256() {
      return sha256;
    }

    @Override
    public String gitSha1() {
      return "0".repeat(40); // of the pointer, which nobody asks for
    }

    @Override
    public void write(OutputStream out, long from, long to) throws IOException {
      var block = ByteBuffer.allocate(BLOCK).order(ByteOrder.LITTLE_ENDIAN);
      for (long at = from; at < to; ) {
        long start = at - at % BLOCK;
        for (int i = 0; i < BLOCK; i += 8) {
          long place = seed + start + i;
          block.putLong(i, (place ^ (place >>> 3)) * 0x9E3779B97F4A7C15L);
        }
        long end = Math.min(to, start + BLOCK);
        out.write(block.array(), (int) (at - start), (int) (end - at));
        at = end;
      }
    }
  }
}
