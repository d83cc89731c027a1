package dev.whetstone.datasets.job.source;

import java.util.List;

/** Cuts a file into blocks while its bytes go by. */
interface Cutter {
  /** Takes the next {@code length} bytes. */
  void add(byte[] bytes, int length);

  /** The blocks, once all bytes went by. */
  List<Block> blocks();
}
