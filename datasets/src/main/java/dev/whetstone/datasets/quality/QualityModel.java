package dev.whetstone.datasets.quality;

import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.tensors.Safetensors;
import dev.whetstone.artifacts.tensors.Safetensors.FloatTensor;
import dev.whetstone.artifacts.tensors.TensorSource;
import dev.whetstone.datasets.rows.Conversation;
import java.io.Serializable;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * A classifier that has learned, as a folder: {@code model.safetensors} holds the weights, {@code
 * classifier.json} all else. Small enough to travel to every executor.
 */
public final class QualityModel implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Kind and version of the folder. */
  public static final String FORMAT = "whetstone.quality/1";

  private static final String FILE = "classifier.json";

  /** One scorer per JVM and model: its native memory stays taken until the JVM ends. */
  private static final Map<String, Scorer> SHARED = new HashMap<>();

  private final String content;
  private final int bits;
  private final double slope;
  private final double intercept;
  private final float[] embedding;
  private final float[] hidden;
  private final float[] hiddenBias;
  private final float[] output;
  private final float outputBias;

  /**
   * What a folder says beside its weights.
   *
   * @param bits see {@link TextFeatures}
   * @param calibration from log-odds to probability
   * @param outputBias the weight that is no tensor
   * @param heldOut what the rows that were held out say of it
   * @param crossValidated null where that was not asked for
   */
  private record Classifier(
      int bits,
      Platt calibration,
      float outputBias,
      Measured heldOut,
      CrossValidated crossValidated) {}

  private QualityModel(TextFeatures features, Weights weights, Platt calibration) {
    this.bits = features.bits();
    this.slope = calibration.slope();
    this.intercept = calibration.intercept();
    this.embedding = weights.embedding();
    this.hidden = weights.hidden();
    this.hiddenBias = weights.hiddenBias();
    this.output = weights.output();
    this.outputBias = weights.outputBias();
    this.content = contentHash();
  }

  /** A model of parts that fit together. */
  public static QualityModel of(TextFeatures features, Weights weights, Platt calibration) {
    if (features.buckets() != weights.buckets()) {
      throw new IllegalArgumentException(
          "expected embeddings for %d buckets, found %d"
              .formatted(features.buckets(), weights.buckets()));
    }
    return new QualityModel(features, weights, calibration);
  }

  private String contentHash() {
    ContentHash hash = ContentHash.of("quality/1").add(bits);
    for (float[] values : List.of(embedding, hidden, hiddenBias, output)) {
      hash.add(bits(values));
    }
    return hash.add(Float.floatToIntBits(outputBias))
        .add(Double.doubleToLongBits(slope))
        .add(Double.doubleToLongBits(intercept))
        .finish();
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToIntBits(values[i]);
    }
    return bits;
  }

  /**
   * Writes what a reader needs into {@code folder}.
   *
   * @param crossValidated null for none
   */
  public void write(Path folder, Measured heldOut, CrossValidated crossValidated) {
    Weights weights = weights();
    long e = weights.dimension();
    long h = weights.width();
    Safetensors.write(
        folder.resolve(Safetensors.MODEL_FILE),
        List.of(
            new FloatTensor("embedding.weight", List.of((long) weights.buckets(), e), embedding),
            new FloatTensor("hidden.weight", List.of(e, h), hidden),
            new FloatTensor("hidden.bias", List.of(h), hiddenBias),
            new FloatTensor("output.weight", List.of(h), output)),
        Map.of());
    ArtifactFolder.writeAtomically(
        folder.resolve(FILE),
        Json.pretty(new Classifier(bits, calibration(), outputBias, heldOut, crossValidated)));
  }

  /**
   * Reads a finished folder.
   *
   * @throws BadInputException if it is none, or its files are not those that it was finished with
   */
  public static QualityModel open(Path folder) {
    Manifest manifest = Manifest.read(folder, FORMAT);
    Path file = folder.resolve(FILE);
    Classifier classifier = Json.read(file, Classifier.class);
    try (TensorSource tensors = Safetensors.open(folder.resolve(Safetensors.MODEL_FILE))) {
      Function<String, float[]> read = name -> tensor(folder, tensors, name);
      var weights =
          new Weights(
              read.apply("embedding.weight"),
              read.apply("hidden.weight"),
              read.apply("hidden.bias"),
              read.apply("output.weight"),
              classifier.outputBias());
      QualityModel model =
          of(new TextFeatures(classifier.bits()), weights, classifier.calibration());
      if (!model.content.equals(manifest.content())) {
        throw new BadInputException(
            "%s: its files differ from those that its manifest was written for; train it again."
                .formatted(folder));
      }
      return model;
    } catch (IllegalArgumentException e) {
      throw new BadInputException("%s: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static float[] tensor(Path folder, TensorSource tensors, String name) {
    if (!tensors.names().contains(name)) {
      throw new BadInputException(
          "%s: expected the tensor %s, found %s."
              .formatted(folder.resolve(Safetensors.MODEL_FILE), name, tensors.names()));
    }
    float[] values = new float[Math.toIntExact(Safetensors.elements(tensors.shape(name)))];
    tensors.read(name, 0, FloatBuffer.wrap(values));
    return values;
  }

  /** Hash of weights, features and calibration. */
  public String content() {
    return content;
  }

  public TextFeatures features() {
    return new TextFeatures(bits);
  }

  public Weights weights() {
    return new Weights(embedding, hidden, hiddenBias, output, outputBias);
  }

  public Platt calibration() {
    return new Platt(slope, intercept);
  }

  /** The folder as a link of a later lineage. */
  public static Ancestor asAncestor(Path folder) {
    Measured measured = Json.read(folder.resolve(FILE), Classifier.class).heldOut();
    return Manifest.read(folder, FORMAT)
        .asAncestor(
            "quality",
            folder.toAbsolutePath().normalize().getFileName().toString(),
            Map.of("accuracy", String.format(Locale.ROOT, "%.4f", measured.accuracy())));
  }

  /**
   * Probability that each row is good, [N].
   *
   * @param load makes a scorer of weights, for the first call in this JVM
   */
  public float[] scores(List<Conversation> rows, Function<Weights, Scorer> load) {
    Scorer scorer;
    synchronized (SHARED) {
      scorer = SHARED.computeIfAbsent(content, key -> load.apply(weights()));
    }
    float[] logits = scorer.logits(rows.stream().map(features()::of).toList());
    Platt calibration = calibration();
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) calibration.probability(logits[i]);
    }
    return logits;
  }
}
