package dev.whetstone.datasets.quality.dl4j;

import dev.whetstone.datasets.quality.NetworkConfig;
import dev.whetstone.datasets.quality.SparseText;
import dev.whetstone.datasets.quality.Weights;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions;
import org.nd4j.linalg.schedule.PolySchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/**
 * The classifier as a Deeplearning4j network: an {@link EmbeddingBag}, a hidden layer of rectified
 * linear units, one logistic output. In the manner of fastText (A. Joulin et al., "Bag of tricks
 * for efficient text classification", EACL 2017), with a hidden layer.
 *
 * <p>Not thread-safe: a layer holds its input.
 */
final class Dl4jNetwork {
  private static final double EMBEDDING_DEVIATION = 0.1;

  /** The layer that gives log-odds: the logistic function after it rounds what is near 0 and 1. */
  private static final int LOGIT = 2;

  /**
   * Rows of a batch, always: by its shape the matrix product chooses how it rounds, and a score
   * must not depend on which other rows come with it.
   */
  private static final int ROWS = 64;

  private final MultiLayerNetwork network;

  private Dl4jNetwork(MultiLayerNetwork network) {
    this.network = network;
  }

  /** A network on shared parameters, [1, all]: it only reads them. */
  static Dl4jNetwork on(INDArray parameters, int buckets, int dimension, int width) {
    MultiLayerConfiguration configuration = configuration(buckets, dimension, width, new Adam());
    return new Dl4jNetwork(initialised(configuration, parameters));
  }

  private static MultiLayerNetwork initialised(
      MultiLayerConfiguration configuration, INDArray parameters) {
    var network = new MultiLayerNetwork(configuration);
    network.init(parameters, false);
    return network;
  }

  private static MultiLayerConfiguration configuration(
      int buckets, int dimension, int width, IUpdater updater) {
    return new NeuralNetConfiguration.Builder()
        .dataType(DataType.FLOAT)
        .updater(updater)
        // Workspaces keep memory with each thread that has ever scored.
        .trainingWorkspaceMode(WorkspaceMode.NONE)
        .inferenceWorkspaceMode(WorkspaceMode.NONE)
        .list()
        .layer(new EmbeddingBag(buckets, dimension))
        .layer(
            new DenseLayer.Builder().nIn(dimension).nOut(width).activation(Activation.RELU).build())
        .layer(new DenseLayer.Builder().nIn(width).nOut(1).activation(Activation.IDENTITY).build())
        .layer(
            new LossLayer.Builder(LossFunctions.LossFunction.XENT)
                .activation(Activation.SIGMOID)
                .build())
        .build();
  }

  static Weights train(
      List<SparseText> texts, boolean[] good, int buckets, NetworkConfig config, long seed) {
    int e = config.dimension();
    long steps = (long) config.epochs() * ((texts.size() + config.batch() - 1) / config.batch());
    var rate =
        new PolySchedule(
            ScheduleType.ITERATION, config.learningRate(), 1, Math.toIntExact(steps + 1));
    var random = new Random(seed);
    INDArray parameters = Parameters.of(initial(buckets, e, random));
    MultiLayerNetwork network =
        initialised(configuration(buckets, e, e, new Adam(rate)), parameters);
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      order.add(i);
    }
    for (int epoch = 0; epoch < config.epochs(); epoch++) {
      Collections.shuffle(order, random);
      for (int at = 0; at < order.size(); at += config.batch()) {
        step(network, texts, good, order.subList(at, Math.min(order.size(), at + config.batch())));
      }
    }
    return Parameters.weights(network.params(), buckets, e, e);
  }

  private static void step(
      MultiLayerNetwork network, List<SparseText> texts, boolean[] good, List<Integer> rows) {
    float[] labels = new float[rows.size()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = good[rows.get(i)] ? 1 : 0;
    }
    try (INDArray features = input(rows.stream().map(texts::get).toList(), labels.length);
        INDArray targets = Nd4j.create(labels, new long[] {labels.length, 1}, 'c')) {
      network.fit(features, targets);
    }
  }

  /** Weights less their gradients of the mean loss, in nats: for tests. */
  static Weights descended(Weights from, List<SparseText> texts, boolean[] good) {
    int e = from.dimension();
    int h = from.width();
    MultiLayerNetwork network =
        initialised(configuration(from.buckets(), e, h, new Sgd(1)), Parameters.of(from));
    step(network, texts, good, IntStream.range(0, good.length).boxed().toList());
    return Parameters.weights(network.params(), from.buckets(), e, h);
  }

  private static Weights initial(int buckets, int e, Random random) {
    // Hidden layers as K. He et al. (ICCV 2015) start rectified units: variance 2 / fan-in.
    return new Weights(
        normal(Math.multiplyExact(buckets, e), EMBEDDING_DEVIATION, random),
        normal(e * e, Math.sqrt(2.0 / e), random),
        new float[e],
        normal(e, Math.sqrt(1.0 / e), random),
        0);
  }

  private static float[] normal(int n, double deviation, Random random) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return values;
  }

  /** Log-odds, [N]. */
  float[] logits(List<SparseText> texts) {
    float[] logits = new float[texts.size()];
    for (int at = 0; at < logits.length; at += ROWS) {
      int rows = Math.min(ROWS, logits.length - at);
      try (INDArray features = input(texts.subList(at, at + rows), ROWS);
          INDArray out = network.activateSelectedLayers(0, LOGIT, features)) {
        out.data().asNioFloat().get(0, logits, at, rows);
      }
    }
    return logits;
  }

  /**
   * Texts as {@link EmbeddingBag} takes them, [rows, 2T]; rows beyond the texts are empty. The
   * caller closes it.
   */
  private static INDArray input(List<SparseText> texts, int rows) {
    int places = Math.max(1, texts.stream().mapToInt(SparseText::size).max().orElse(0));
    float[] in = new float[Math.multiplyExact(rows, 2 * places)];
    for (int row = 0; row < texts.size(); row++) {
      SparseText text = texts.get(row);
      int at = row * 2 * places;
      for (int i = 0; i < text.size(); i++) {
        in[at + i] = text.buckets()[i];
        in[at + places + i] = text.weights()[i];
      }
    }
    return Nd4j.create(in, new long[] {rows, 2L * places}, 'c');
  }
}
