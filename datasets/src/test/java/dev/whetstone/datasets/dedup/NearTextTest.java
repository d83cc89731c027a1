package dev.whetstone.datasets.dedup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.whetstone.datasets.AnyText;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
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
  void hashesAreThoseOfTheWordsInEveryScript() {
    List<String> told =
        List.of(
            "",
            "one",
            "Plain words, 12-ab3!",
            "Caf\u00E9 \u00C9T\u00C9 e\u0301 \u0301x a\u0301\u0323",
            "\u039F\u0394\u039F\u03A3 \u03A3\u03A3 a\u03A3b \uD835\uDEBA",
            "\u4F60\u597Dok\u4F60 \u3042\u3044\u30D0\u30FC \uD55C\uAD6D\uC5B4 \uFF21\uFF22",
            "\u0E2A\u0E27\u0E31\u0E2A\u0E14\u0E35 \u0915\u094D\u0937 \u0130stanbul \u2124\u00BD",
            "it\u2019s \u201Cfine\u201D \u2014 \u2126\uFB01\u01C4 \uD83D\uDE00a\uD83D",
            "\uDC00lone \uD800 x\uD842\uDFB7y \uD834\uDD57");
    for (String text : told) {
      assertThat(Words.hashes(text)).as(text).isEqualTo(slowHashes(text));
    }
    for (long seed = 0; seed < 3000; seed++) {
      String text = AnyText.of(new Random(seed));
      assertThat(Words.hashes(text)).as("seed %d: %s", seed, text).isEqualTo(slowHashes(text));
    }
  }

  @Test
  void theSameTextButForCaseAndSpacesIsAsItsDefinitionSays() {
    for (long seed = 0; seed < 3000; seed++) {
      String text = AnyText.of(new Random(seed));
      String slow =
          Normalizer.normalize(text, Normalizer.Form.NFC)
              .replaceAll("[\\s\\p{Z}]+", " ")
              .strip()
              .toUpperCase(Locale.ROOT)
              .toLowerCase(Locale.ROOT);
      // Half of a surrogate pair has no UTF-8.
      String encoded = new String(slow.getBytes(UTF_8), UTF_8);
      assertThat(ExactText.simple(text)).as("seed %d: %s", seed, text).isEqualTo(encoded);
    }
  }

  private static long[] slowHashes(String text) {
    return Words.of(text).stream().mapToLong(Hash64::of).toArray();
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
  void aSignatureHoldsTheLeastOfEachPermutation() {
    for (long seed = 0; seed < 50; seed++) {
      long[] shingles = new Random(seed).longs(new Random(seed).nextInt(40)).toArray();
      long[] signature = new MinHash(seed, 3, 7).signature(shingles);
      var same = new SplittableRandom(seed);
      for (int i = 0; i < 21; i++) {
        long factor = same.nextLong() | 1;
        long term = same.nextLong();
        long slow =
            Arrays.stream(shingles).map(s -> factor * s + term).min().orElse(Long.MAX_VALUE);
        assertThat(signature[i]).as("seed %d, permutation %d", seed, i).isEqualTo(slow);
      }
    }
  }

  /** The estimate of a similarity out of n permutations varies as n throws of a coin do. */
  @Test
  void permutationsAreAsGoodAsIndependentOnes() {
    int permutations = 22 * 5;
    double sum = 0;
    double squares = 0;
    int pairs = 0;
    for (long seed = 0; seed < 400; seed++) {
      var minHash = new MinHash(seed, 22, 5);
      Random random = new Random(seed);
      List<String> left = randomWords(random, 150);
      List<String> right = edited(left, random, random.nextInt(5, 25));
      long[] one = Shingles.of(String.join(" ", left), 5);
      long[] other = Shingles.of(String.join(" ", right), 5);
      double similarity = Shingles.jaccard(one, other);
      double off =
          (agreement(minHash.signature(one), minHash.signature(other)) - similarity)
              / Math.sqrt(similarity * (1 - similarity) / permutations);
      sum += off;
      squares += off * off;
      pairs++;
    }
    // In standard deviations: of a mean of 400 it is 0.05, of a mean of their squares 0.07.
    assertThat(sum / pairs).isBetween(-0.2, 0.2);
    assertThat(squares / pairs).isBetween(0.72, 1.28);
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
      double estimate = agreement(signature, otherSignature);
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

  private static double agreement(long[] signature, long[] other) {
    int equal = 0;
    for (int i = 0; i < signature.length; i++) {
      equal += signature[i] == other[i] ? 1 : 0;
    }
    return (double) equal / signature.length;
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
