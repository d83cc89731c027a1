package dev.whetstone.datasets.job.source;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;

/** How the bytes of a text file are packed. */
public enum Compression {
  NONE,
  GZIP,
  ZSTD;

  private static final int BUFFER_BYTES = 1 << 16;

  /**
   * Told by the first bytes of a file: RFC 1952, section 2.3.1; RFC 8878, sections 3.1.1 and 3.1.2.
   *
   * @param head at least 4 bytes, or all that there are
   */
  static Compression of(byte[] head) {
    if (head.length >= 2 && head[0] == 0x1F && head[1] == (byte) 0x8B) {
      return GZIP;
    }
    boolean zstd = head.length >= 4 && head[1] == (byte) 0xB5 && head[2] == 0x2F;
    boolean frame = zstd && head[0] == 0x28 && head[3] == (byte) 0xFD;
    boolean skippable =
        head.length >= 4
            && (head[0] & 0xF0) == 0x50
            && head[1] == 0x2A
            && head[2] == 0x4D
            && head[3] == 0x18;
    return frame || skippable ? ZSTD : NONE;
  }

  /** The text in {@code packed}, whose closing closes both. */
  InputStream open(InputStream packed) throws IOException {
    return switch (this) {
      case NONE -> packed;
      case GZIP -> new GZIPInputStream(new Peeking(packed), BUFFER_BYTES);
      case ZSTD -> new ZstdInputStream(new BufferedInputStream(packed, BUFFER_BYTES));
    };
  }

  /**
   * GZIPInputStream takes {@code available() == 0} for the end, and streams of remote files say so
   * at any time: members after the first would be lost in silence.
   */
  private static final class Peeking extends BufferedInputStream {
    Peeking(InputStream in) {
      super(in, BUFFER_BYTES);
    }

    @Override
    public synchronized int available() throws IOException {
      mark(1);
      int next = read();
      reset();
      return next < 0 ? 0 : Math.max(1, super.available());
    }
  }
}
