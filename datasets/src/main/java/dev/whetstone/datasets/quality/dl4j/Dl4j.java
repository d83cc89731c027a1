package dev.whetstone.datasets.quality.dl4j;

import dev.whetstone.artifacts.SurroundingsException;
import dev.whetstone.artifacts.WhetstoneHome;
import dev.whetstone.datasets.quality.Learning.Engine;
import dev.whetstone.datasets.quality.NetworkConfig;
import dev.whetstone.datasets.quality.Scorer;
import dev.whetstone.datasets.quality.SparseText;
import dev.whetstone.datasets.quality.Weights;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * The door to Deeplearning4j: nothing outside of this package knows it. It computes on one thread
 * for each thread that calls.
 */
public final class Dl4j {
  public static final String VERSION = "1.0.0-M2.1";

  /** Learning and asking by Deeplearning4j. */
  public static final Engine ENGINE =
      new Engine() {
        @Override
        public Weights train(
            List<SparseText> texts, boolean[] good, int buckets, NetworkConfig config, long seed) {
          load();
          oneThread();
          return Dl4jNetwork.train(texts, good, buckets, config, seed);
        }

        @Override
        public Scorer scorer(Weights weights) {
          return Dl4j.scorer(weights);
        }
      };

  private static boolean loaded;

  private Dl4j() {}

  /** All threads read the same parameters, each by a network of its own. */
  private static Scorer scorer(Weights weights) {
    load();
    INDArray parameters = Parameters.of(weights);
    ThreadLocal<Dl4jNetwork> networks =
        ThreadLocal.withInitial(
            () -> {
              oneThread();
              return Dl4jNetwork.on(
                  parameters, weights.buckets(), weights.dimension(), weights.width());
            });
    return texts -> texts.isEmpty() ? new float[0] : networks.get().logits(texts);
  }

  /** OpenMP asks each thread that calls it, so each has to be told. */
  private static void oneThread() {
    NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(1);
  }

  private static synchronized void load() {
    if (loaded) {
      return;
    }
    // JavaCPP unpacks its libraries once: where all that we fetch lies, so that gc finds them.
    setIfAbsent(
        "org.bytedeco.javacpp.cachedir", WhetstoneHome.folder().resolve("javacpp").toString());
    // It would count Spark's own memory against the default, twice the heap, and refuse arrays.
    setIfAbsent("org.bytedeco.javacpp.maxPhysicalBytes", "0");
    try {
      Nd4j.getBackend();
    } catch (LinkageError e) {
      throw new SurroundingsException(
          "quality needs the native library of Deeplearning4j, which this build has for Linux (glibc) on x86-64; found %s on %s (%s). Train and apply it on such a machine."
              .formatted(System.getProperty("os.name"), System.getProperty("os.arch"), root(e)),
          e);
    }
    loaded = true;
  }

  private static String root(Throwable failure) {
    Throwable at = failure;
    while (at.getCause() != null) {
      at = at.getCause();
    }
    return at.getMessage() == null ? at.getClass().getSimpleName() : at.getMessage();
  }

  private static void setIfAbsent(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
