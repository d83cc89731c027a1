package dev.whetstone.datasets.dedup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NearTextTest {
  @Test
  void wordsIgnoreCaseMarksAndPunctuationButKeepNumbers() {
    assertThat(Words.of("Caf\u00E9, \u00C9T\u00C9! 12-ab3"))
        .containsExactly("cafe", "ete", "12", "ab3");
    assertThat(Words.of("\u4F60\u597D ok")).containsExactly("\u4F60", "\u597D", "ok");
    assertThat(Words.of(" \u0301... ")).isEmpty();
  }

  @Test
  void aShortTextHasShinglesToo() {
    assertThat(Shingles.of("two words", 5)).hasSizeGreaterThan(1);
    assertThat(Shingles.jaccard(Shingles.of("Two, words!", 5), Shingles.of("two words", 5)))
        .isOne();
    assertThat(Shingles.jaccard(Shingles.of("two words", 5), Shingles.of("other talk", 5)))
        .isZero();
  }

  @Test
  void jaccardIsThatOfPlainSets() {
    for (long seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      List<String> left = randomWords(random, random.nextInt(5, 40));
      List<String> right = edited(left, random, random.nextInt(0, 6));
      double slow = plainJaccard(left, right, 5);
      double fast =
          Shingles.jaccard(
              Shingles.of(String.join(" ", left), 5), Shingles.of(String.join(" ", right), 5));
      assertThat(fast).as("seed %d", seed).isCloseTo(slow, within(1e-12));
    }
  }

  @Test
  void permutationsAreExactModuloThePrime() {
    BigInteger prime = BigInteger.TWO.pow(61).subtract(BigInteger.ONE);
    Random random = new Random(7);
    for (int i = 0; i < 10_000; i++) {
      long a = new BigInteger(61, random).mod(prime).longValue();
      long x = new BigInteger(61, random).mod(prime).longValue();
      long b = new BigInteger(61, random).mod(prime).longValue();
      long slow =
          BigInteger.valueOf(a)
              .multiply(BigInteger.valueOf(x))
              .add(BigInteger.valueOf(b))
              .mod(prime)
              .longValue();
      assertThat(MinHash.permute(a, x, b)).as("%d * %d + %d", a, x, b).isEqualTo(slow);
    }
  }

  @Test
  void signaturesAgreeAsOftenAsSetsOverlap() {
    var minHash = new MinHash(1, 22, 5);
    double worst = 0;
    for (long seed = 0; seed < 40; seed++) {
      Random random = new Random(seed);
      List<String> left = randomWords(random, 200);
      List<String> right = edited(left, random, random.nextInt(1, 30));
      long[] one = Shingles.of(String.join(" ", left), 5);
      long[] other = Shingles.of(String.join(" ", right), 5);
      long[] signature = minHash.signature(one);
      long[] otherSignature = minHash.signature(other);
      int equal = 0;
      for (int i = 0; i < signature.length; i++) {
        equal += signature[i] == otherSignature[i] ? 1 : 0;
      }
      double estimate = (double) equal / signature.length;
      worst = Math.max(worst, Math.abs(estimate - Shingles.jaccard(one, other)));
    }
    // Five standard deviations of a mean of 110 draws: 5 * sqrt(0.25 / 110).
    assertThat(worst).isLessThan(0.24);
  }

  @Test
  void similarTextsShareABand() {
    assertThat(MinHash.recall(0.8, 22, 5)).isGreaterThan(0.9997);
    assertThat(MinHash.recall(0.5, 22, 5)).isBetween(0.49, 0.51);
    var minHash = new MinHash(0, 22, 5);
    int similar = 0;
    int found = 0;
    for (long seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      List<String> left = randomWords(random, 60);
      List<String> right = edited(left, random, 1);
      long[] one = Shingles.of(String.join(" ", left), 5);
      long[] other = Shingles.of(String.join(" ", right), 5);
      if (Shingles.jaccard(one, other) >= 0.8) {
        similar++;
        Set<Long> bands = new HashSet<>();
        for (long band : minHash.bands(one)) {
          bands.add(band);
        }
        for (long band : minHash.bands(other)) {
          if (bands.contains(band)) {
            found++;
            break;
          }
        }
      }
    }
    assertThat(similar).isGreaterThan(250);
    assertThat(found).isEqualTo(similar);
  }

  @Test
  void setsOfKnownSimilarityShareABandAsOftenAsTheCurveSays() {
    int pairs = 2500;
    Random random = new Random(3);
    for (double jaccard : new double[] {0.95, 0.9, 0.8, 0.7, 0.5}) {
      int shared = (int) Math.round(jaccard * 200);
      int found = 0;
      for (int pair = 0; pair < pairs; pair++) {
        long[] one = random.longs((shared + 200) / 2).toArray();
        long[] other = random.longs((shared + 200) / 2).toArray();
        System.arraycopy(one, 0, other, 0, shared);
        // Another signature for every pair: of one, the errors of all pairs would go together.
        var minHash = new MinHash(pair, 14, 8);
        long[] left = minHash.bands(one);
        long[] right = minHash.bands(other);
        boolean candidate = false;
        for (int band = 0; band < left.length; band++) {
          candidate |= left[band] == right[band];
        }
        found += candidate ? 1 : 0;
      }
      double curve = 1 - Math.pow(1 - Math.pow(jaccard, 8), 14);
      assertThat((double) found / pairs).as("at %s", jaccard).isCloseTo(curve, within(0.02));
      assertThat(MinHash.recall(jaccard, 14, 8)).isCloseTo(curve, within(1e-12));
    }
  }

  private static double plainJaccard(List<String> left, List<String> right, int width) {
    Set<List<String>> one = runs(left, width);
    Set<List<String>> other = runs(right, width);
    Set<List<String>> both = new HashSet<>(one);
    both.retainAll(other);
    Set<List<String>> all = new HashSet<>(one);
    all.addAll(other);
    return (double) both.size() / all.size();
  }

  private static Set<List<String>> runs(List<String> words, int width) {
    Set<List<String>> runs = new HashSet<>();
    for (int i = 0; i + width <= words.size(); i++) {
      runs.add(words.subList(i, i + width));
    }
    return runs;
  }

  private static List<String> randomWords(Random random, int count) {
    List<String> words = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      words.add("w" + random.nextInt(500));
    }
    return words;
  }

  private static List<String> edited(List<String> words, Random random, int edits) {
    List<String> edited = new ArrayList<>(words);
    for (int i = 0; i < edits; i++) {
      edited.set(random.nextInt(edited.size()), "x" + random.nextInt(500));
    }
    return edited;
  }
}
