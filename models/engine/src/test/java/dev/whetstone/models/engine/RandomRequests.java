package dev.whetstone.models.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Token sequences that share prefixes in many ways: copies, continuations and forks of others. */
final class RandomRequests {
  private RandomRequests() {}

  static List<int[]> sequences(Random random, int count, int maxLength, int vocabulary) {
    var sequences = new ArrayList<int[]>();
    for (int i = 0; i < count; i++) {
      int[] parent = i == 0 ? new int[0] : sequences.get(random.nextInt(i));
      int kept = random.nextInt(4) == 0 ? 0 : random.nextInt(parent.length + 1);
      if (random.nextInt(3) == 0) {
        kept = parent.length;
      }
      int fresh = random.nextInt(random.nextInt(5) == 0 ? 60 : 8);
      int length = Math.min(maxLength, Math.max(2, kept + fresh));
      int[] sequence = java.util.Arrays.copyOf(parent, length);
      for (int t = Math.min(kept, length); t < length; t++) {
        sequence[t] = random.nextInt(vocabulary);
      }
      sequences.add(sequence);
    }
    return sequences;
  }
}
