package dev.whetstone.models.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which forward passes compute the wanted positions of many token sequences, each shared prefix
 * once: a pure function of the sequences and the token budget.
 *
 * <p>The sequences are sorted, which lays their trie out in order. A range of them whose tokens fit
 * the budget is one step: all its branches in one row under a tree mask, without padding. A larger
 * range is cut where its sequences part; if it has a common prefix worth a pass of its own, that is
 * computed first and its keys and values serve every step below it. A prefix or sequence longer
 * than the budget is computed piece by piece.
 */
record PrefixPlan(List<Step> steps) {
  /**
   * Shortest common prefix that is computed apart; a shorter one is repeated in each step, which
   * costs less than a pass with few tokens.
   */
  static final int MIN_SHARED = 32;

  PrefixPlan {
    steps = List.copyOf(steps);
  }

  /**
   * One forward pass.
   *
   * @param row its tokens, behind the prefix that its ancestors computed
   * @param wanted what is read off
   * @param children steps that need its keys and values; only a chain has any
   */
  record Step(TreeRow row, List<Wanted> wanted, List<Step> children) {
    Step {
      wanted = List.copyOf(wanted);
      children = List.copyOf(children);
    }
  }

  /**
   * The prediction after a token.
   *
   * @param row index of the token in the step's row
   * @param sequence index of the sequence
   * @param position of the token in the sequence
   */
  record Wanted(int row, int sequence, int position) {}

  /**
   * @param sequences token ids, none empty
   * @param firstWanted per sequence the first position whose prediction is wanted; all later ones
   *     are too
   * @param budget most tokens of a step, at least {@link #MIN_SHARED}
   */
  static PrefixPlan of(List<int[]> sequences, int[] firstWanted, int budget) {
    if (budget < MIN_SHARED) {
      throw new IllegalArgumentException(
          "budget must be >= %d tokens: %d".formatted(MIN_SHARED, budget));
    }
    int[] order =
        IntStream.range(0, sequences.size())
            .boxed()
            .sorted(
                Comparator.<Integer, int[]>comparing(sequences::get, Arrays::compare)
                    .thenComparing(Comparator.naturalOrder()))
            .mapToInt(Integer::intValue)
            .toArray();
    var planner = new Planner(order, sequences, firstWanted, budget);
    return new PrefixPlan(planner.plan(0, order.length, 0));
  }

  /** Tokens that are fed in all. */
  long tokens() {
    return tokens(steps);
  }

  private static long tokens(List<Step> steps) {
    return steps.stream().mapToLong(step -> step.row().length() + tokens(step.children())).sum();
  }

  /** Length of the common prefix of two sequences. */
  static int common(int[] a, int[] b) {
    int mismatch = Arrays.mismatch(a, b);
    return mismatch < 0 ? a.length : mismatch;
  }

  private record Planner(int[] order, List<int[]> sequences, int[] firstWanted, int budget) {
    int[] sequence(int i) {
      return sequences.get(order[i]);
    }

    /** Steps for the sorted sequences [from, to) behind a computed prefix of {@code depth}. */
    List<Step> plan(int from, int to, int depth) {
      // Those that end within the prefix are done; being shortest they stand first.
      int first = from;
      while (first < to && sequence(first).length <= depth) {
        first++;
      }
      if (first == to) {
        return List.of();
      }
      if (tokens(first, to, depth) <= budget) {
        return List.of(branches(first, to, depth));
      }
      int common = common(sequence(first), sequence(to - 1));
      if (common - depth >= MIN_SHARED) {
        int end = Math.min(common, depth + budget);
        return List.of(chain(first, to, depth, end, plan(first, to, end)));
      }
      return cut(first, to, depth, common);
    }

    /** Packs neighbouring branches into steps; a branch too large for one is planned by itself. */
    private List<Step> cut(int from, int to, int depth, int common) {
      var steps = new ArrayList<Step>();
      int open = from;
      int at = from;
      while (at < to) {
        int end = endOfBranch(at, to, common);
        if (tokens(open, end, depth) > budget) {
          if (open < at) {
            steps.addAll(plan(open, at, depth));
            open = at;
          }
          if (tokens(at, end, depth) > budget) {
            steps.addAll(plan(at, end, depth));
            open = end;
          }
        }
        at = end;
      }
      steps.addAll(plan(open, to, depth));
      return steps;
    }

    private int endOfBranch(int at, int to, int common) {
      int end = at + 1;
      if (sequence(at).length == common) { // ends where the others part
        return end;
      }
      while (end < to && sequence(end)[common] == sequence(at)[common]) {
        end++;
      }
      return end;
    }

    /** Distinct tokens of the trie of [from, to) behind {@code depth}. */
    private long tokens(int from, int to, int depth) {
      long tokens = 0;
      for (int i = from; i < to; i++) {
        int known = i == from ? depth : Math.max(depth, common(sequence(i - 1), sequence(i)));
        tokens += sequence(i).length - known;
      }
      return tokens;
    }

    private Step chain(int from, int to, int depth, int end, List<Step> children) {
      int[] path = sequence(from);
      var wanted = new ArrayList<Wanted>();
      for (int i = from; i < to; i++) {
        int last = Math.min(end, sequence(i).length);
        for (int p = Math.max(depth, firstWanted[order[i]]); p < last; p++) {
          wanted.add(new Wanted(p - depth, order[i], p));
        }
      }
      int length = end - depth;
      return new Step(
          new TreeRow(
              Arrays.copyOfRange(path, depth, end),
              IntStream.range(depth, end).toArray(),
              IntStream.range(-1, length - 1).toArray()),
          wanted,
          children);
    }

    private Step branches(int from, int to, int depth) {
      int count = Math.toIntExact(tokens(from, to, depth));
      var tokens = new int[count];
      var positions = new int[count];
      var parents = new int[count];
      var wanted = new ArrayList<Wanted>();
      int[] path = new int[0]; // rows of the sequence before, from depth on
      int next = 0;
      for (int i = from; i < to; i++) {
        int[] sequence = sequence(i);
        int known = i == from ? depth : Math.max(depth, common(sequence(i - 1), sequence));
        path = Arrays.copyOf(path, sequence.length - depth);
        for (int p = known; p < sequence.length; p++) {
          tokens[next] = sequence[p];
          positions[next] = p;
          parents[next] = p == depth ? -1 : path[p - depth - 1];
          path[p - depth] = next++;
        }
        for (int p = Math.max(depth, firstWanted[order[i]]); p < sequence.length; p++) {
          wanted.add(new Wanted(path[p - depth], order[i], p));
        }
      }
      return new Step(new TreeRow(tokens, positions, parents), wanted, List.of());
    }
  }
}
