package dev.whetstone.artifacts.tensors;

/** Element types of plain tensors on disk. */
public enum Dtype {
  F32(4),
  F16(2),
  BF16(2),
  I64(8),
  I32(4),
  U8(1);

  private final int sizeBytes;

  Dtype(int sizeBytes) {
    this.sizeBytes = sizeBytes;
  }

  public int sizeBytes() {
    return sizeBytes;
  }
}
