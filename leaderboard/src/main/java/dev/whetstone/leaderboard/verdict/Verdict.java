package dev.whetstone.leaderboard.verdict;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import java.util.OptionalDouble;

/** What a paired comparison with the base model says. */
public sealed interface Verdict {
  /** One or a few words for a badge. */
  String label();

  /** The comparison behind it; empty if none was possible. */
  default Optional<Comparison> comparison() {
    return Optional.empty();
  }

  /** Better: adjusted p below alpha, and the interval excludes 0. */
  record Improved(Comparison by) implements Verdict {
    public Improved {
      requireNonNull(by, "by is null");
    }

    @Override
    public String label() {
      return "improved";
    }

    @Override
    public Optional<Comparison> comparison() {
      return Optional.of(by);
    }
  }

  /** Worse: adjusted p below alpha, and the interval excludes 0. */
  record Regressed(Comparison by) implements Verdict {
    public Regressed {
      requireNonNull(by, "by is null");
    }

    @Override
    public String label() {
      return "regressed";
    }

    @Override
    public Optional<Comparison> comparison() {
      return Optional.of(by);
    }
  }

  /** The whole interval lies within the tolerance: as good as equal. */
  record Unchanged(Comparison by, double tolerance) implements Verdict {
    public Unchanged {
      requireNonNull(by, "by is null");
    }

    @Override
    public String label() {
      return "unchanged";
    }

    @Override
    public Optional<Comparison> comparison() {
      return Optional.of(by);
    }
  }

  /**
   * The data do not tell.
   *
   * @param smallestEffect what as many documents would show with the policy's power; empty if no
   *     effect would be seen
   */
  record NotEnoughEvidence(Comparison by, OptionalDouble smallestEffect) implements Verdict {
    public NotEnoughEvidence {
      requireNonNull(by, "by is null");
      requireNonNull(smallestEffect, "smallestEffect is null");
    }

    @Override
    public String label() {
      return "not enough evidence";
    }

    @Override
    public Optional<Comparison> comparison() {
      return Optional.of(by);
    }
  }

  /** No comparison, and why: a sentence without task and full stop. */
  record NotComparable(String reason) implements Verdict {
    public NotComparable {
      requireNonNull(reason, "reason is null");
    }

    @Override
    public String label() {
      return "not comparable";
    }
  }
}
