package dev.whetstone.datasets.quality.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.whetstone.datasets.quality.NetworkConfig;
import dev.whetstone.datasets.quality.Scorer;
import dev.whetstone.datasets.quality.SparseText;
import dev.whetstone.datasets.quality.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class Dl4jTest {
  private static final int BUCKETS = 512;

  @Test
  void itSaysWhatPlainLoopsSay() {
    for (long seed = 0; seed < 5; seed++) {
      var random = new Random(seed);
      Weights weights = weights(random, 3 + (int) seed, 7);
      List<SparseText> texts = texts(random, 150);
      float[] logits = Dl4j.ENGINE.scorer(weights).logits(texts);
      for (int i = 0; i < logits.length; i++) {
        assertThat((double) logits[i])
            .as("seed %d, text %d", seed, i)
            .isCloseTo(naive(weights, texts.get(i)), within(1e-4));
      }
    }
  }

  @Test
  void aScoreDoesNotDependOnTheRowsBesideIt() {
    var random = new Random(1);
    Scorer scorer = Dl4j.ENGINE.scorer(weights(random, 8, 8));
    List<SparseText> texts = texts(random, 300);
    float[] together = scorer.logits(texts);
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      assertThat(scorer.logits(List.of(texts.get(i)))[0]).as("text %d", i).isEqualTo(together[i]);
      order.add(i);
    }
    Collections.shuffle(order, random);
    float[] shuffled = scorer.logits(order.stream().map(texts::get).toList());
    for (int i = 0; i < shuffled.length; i++) {
      assertThat(shuffled[i]).isEqualTo(together[order.get(i)]);
    }
    assertThat(scorer.logits(List.of())).isEmpty();
  }

  @Test
  void threadsMayShareAScorer() throws Exception {
    var random = new Random(2);
    Scorer scorer = Dl4j.ENGINE.scorer(weights(random, 8, 8));
    List<SparseText> texts = texts(random, 400);
    float[] alone = scorer.logits(texts);
    ExecutorService pool = Executors.newFixedThreadPool(4);
    List<Future<float[]>> found = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      found.add(pool.submit(() -> scorer.logits(texts)));
    }
    for (Future<float[]> one : found) {
      assertThat(one.get()).isEqualTo(alone);
    }
    pool.shutdown();
  }

  @Test
  void theSameSeedTeachesTheSameAndItLearns() {
    var random = new Random(4);
    // Good texts have more of the lower half of the buckets; each has some of both.
    List<SparseText> texts = new ArrayList<>();
    boolean[] good = new boolean[400];
    for (int i = 0; i < good.length; i++) {
      good[i] = i % 2 == 0;
      int from = good[i] ? 0 : BUCKETS / 2;
      int[] buckets =
          random.ints(20, 0, BUCKETS / 2).map(b -> random.nextInt(10) < 8 ? from + b : b).toArray();
      texts.add(text(Arrays.stream(buckets).distinct().sorted().toArray()));
    }
    var config = new NetworkConfig(4, 10, 16, 0.02);
    Weights one = Dl4j.ENGINE.train(texts, good, BUCKETS, config, 9);
    Weights again = Dl4j.ENGINE.train(texts, good, BUCKETS, config, 9);
    Weights other = Dl4j.ENGINE.train(texts, good, BUCKETS, config, 10);
    assertThat(again.embedding()).isEqualTo(one.embedding());
    assertThat(again.hidden()).isEqualTo(one.hidden());
    assertThat(again.output()).isEqualTo(one.output());
    assertThat(other.embedding()).isNotEqualTo(one.embedding());
    int right = 0;
    float[] logits = Dl4j.ENGINE.scorer(one).logits(texts);
    for (int i = 0; i < good.length; i++) {
      right += (logits[i] > 0) == good[i] ? 1 : 0;
    }
    assertThat(right).isGreaterThan(380);
  }

  /** With plain gradient descent a step of size 1 is the gradient: compared with differences. */
  @Test
  void theGradientsAreThoseOfTheLoss() {
    var random = new Random(5);
    Weights weights = weights(random, 4, 5);
    List<SparseText> texts = texts(random, 6);
    boolean[] good = {true, false, true, true, false, false};
    Weights moved = Dl4jNetwork.descended(weights, texts, good);
    double step = 1e-3;
    for (int bucket : new int[] {texts.get(0).buckets()[0], texts.get(3).buckets()[1]}) {
      for (int e = 0; e < 4; e++) {
        int at = bucket * 4 + e;
        float[] up = weights.embedding().clone();
        float[] down = weights.embedding().clone();
        up[at] += (float) step;
        down[at] -= (float) step;
        double expected =
            (loss(with(weights, up), texts, good) - loss(with(weights, down), texts, good))
                / (2 * step);
        double found = weights.embedding()[at] - moved.embedding()[at];
        assertThat(found).isCloseTo(expected, within(2e-4));
      }
    }
  }

  /** In a JVM without OMP_NUM_THREADS: else the environment would do what is to be shown. */
  @Test
  void noThreadsAreStartedBesideThoseThatAsk() throws Exception {
    assumeTrue(
        Files.isDirectory(Path.of("/proc/self/task")), "Linux tells the threads of a process");
    var builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-XX:-UseDynamicNumberOfCompilerThreads",
            "-cp",
            System.getProperty("java.class.path"),
            Threads.class.getName());
    builder.environment().keySet().removeAll(List.of("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"));
    builder.redirectErrorStream(true);
    Process process = builder.start();
    String said =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said.lines().toList().get((int) said.lines().count() - 1)).as(said).isEqualTo("0");
  }

  /** Prints how many threads there are beside its own four once those have learned and scored. */
  static final class Threads {
    public static void main(String[] args) throws Exception {
      var random = new Random(6);
      Weights weights = weights(random, 8, 8);
      List<SparseText> texts = texts(random, 64);
      Scorer scorer = Dl4j.ENGINE.scorer(weights);
      scorer.logits(texts);
      ExecutorService pool = Executors.newFixedThreadPool(4);
      for (int i = 0; i < 4; i++) {
        pool.submit(() -> {}).get();
      }
      long before = threads();
      List<Future<?>> work = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        work.add(
            pool.submit(
                () -> {
                  var config = new NetworkConfig(64, 2, 16, 0.01);
                  Dl4j.ENGINE.train(texts, new boolean[texts.size()], 1 << 14, config, 1);
                  scorer.logits(texts);
                }));
      }
      for (Future<?> one : work) {
        one.get(100, TimeUnit.SECONDS);
      }
      System.out.println(threads() - before);
      System.exit(0);
    }

    private static long threads() throws IOException {
      try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
        return tasks.count();
      }
    }
  }

  private static Weights with(Weights w, float[] embedding) {
    return new Weights(embedding, w.hidden(), w.hiddenBias(), w.output(), w.outputBias());
  }

  private static double loss(Weights weights, List<SparseText> texts, boolean[] good) {
    double sum = 0;
    for (int i = 0; i < good.length; i++) {
      double z = naive(weights, texts.get(i));
      sum += Math.log1p(Math.exp(good[i] ? -z : z));
    }
    return sum / good.length;
  }

  /** The slow twin: the network as its formula stands. */
  static double naive(Weights w, SparseText text) {
    int e = w.dimension();
    double logit = w.outputBias();
    for (int h = 0; h < w.width(); h++) {
      double z = w.hiddenBias()[h];
      for (int k = 0; k < e; k++) {
        double sum = 0;
        for (int i = 0; i < text.size(); i++) {
          sum += (double) text.weights()[i] * w.embedding()[text.buckets()[i] * e + k];
        }
        z += sum * w.hidden()[k * w.width() + h];
      }
      logit += Math.max(0, z) * w.output()[h];
    }
    return logit;
  }

  private static Weights weights(Random random, int e, int h) {
    return new Weights(
        values(random, BUCKETS * e),
        values(random, e * h),
        values(random, h),
        values(random, h),
        0.3f);
  }

  private static float[] values(Random random, int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Some of them empty. */
  private static List<SparseText> texts(Random random, int n) {
    List<SparseText> texts = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      int size = i % 7 == 6 ? 0 : 2 + random.nextInt(i % 10 == 0 ? 300 : 40);
      texts.add(text(random.ints(size, 0, BUCKETS).distinct().sorted().toArray()));
    }
    return texts;
  }

  private static SparseText text(int[] buckets) {
    float[] weights = new float[buckets.length];
    Arrays.fill(weights, (float) (1 / Math.sqrt(buckets.length)));
    return new SparseText(buckets, weights);
  }
}
