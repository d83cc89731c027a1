package dev.whetstone.datasets.quality.dl4j;

import java.nio.FloatBuffer;
import java.util.Collection;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The weighted sum of the embeddings of a text's features: what a dense layer makes of a row that
 * is nearly all zeros, for the cost of the features that are there. Deeplearning4j has no such
 * layer.
 *
 * <p>Input: [N, 2T], T numbers of buckets and then T weights; places without a feature weigh 0.
 * Output: [N, E]. The parameters are [V, E] row-major, and so are their gradients. It must be the
 * first layer: it hands no gradient down.
 */
final class EmbeddingBag extends EmbeddingLayer {
  private static final long serialVersionUID = 1L;

  EmbeddingBag(int buckets, int dimension) {
    setNIn(buckets);
    setNOut(dimension);
    setHasBias(false);
    setActivationFn(new ActivationIdentity());
  }

  @Override
  public Layer instantiate(
      NeuralNetConfiguration configuration,
      Collection<TrainingListener> listeners,
      int index,
      INDArray parameters,
      boolean initialize,
      DataType type) {
    var layer = new Computed(configuration, type);
    layer.setListeners(listeners);
    layer.setIndex(index);
    layer.setParamsViewArray(parameters);
    layer.setParamTable(initializer().init(configuration, parameters, initialize));
    layer.setConf(configuration);
    return layer;
  }

  /** The layer at work. */
  private static final class Computed extends BaseLayer<EmbeddingBag> {
    private static final long serialVersionUID = 1L;

    Computed(NeuralNetConfiguration configuration, DataType type) {
      super(configuration, type);
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
      assertInputSet(false);
      int rows = (int) input.size(0);
      int places = (int) input.size(1) / 2;
      int width = (int) layerConf().getNOut();
      float[] in = values(input);
      float[] out = new float[rows * width];
      float[] embedding = new float[width];
      FloatBuffer table = paramsFlattened.data().asNioFloat();
      for (int row = 0; row < rows; row++) {
        int at = row * 2 * places;
        for (int place = 0; place < places; place++) {
          float weight = in[at + places + place];
          if (weight == 0) {
            continue;
          }
          table.get(((int) in[at + place]) * width, embedding);
          for (int e = 0; e < width; e++) {
            out[row * width + e] += weight * embedding[e];
          }
        }
      }
      INDArray sums =
          workspaces.createUninitialized(
              ArrayType.ACTIVATIONS, dataType, new long[] {rows, width}, 'c');
      sums.data().asNioFloat().put(0, out);
      return sums;
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(
        INDArray epsilon, LayerWorkspaceMgr workspaces) {
      assertInputSet(true);
      int rows = (int) input.size(0);
      int places = (int) input.size(1) / 2;
      int width = (int) layerConf().getNOut();
      float[] in = values(input);
      float[] down = values(epsilon);
      float[] sum = new float[width];
      INDArray gradients = gradientViews.get(DefaultParamInitializer.WEIGHT_KEY);
      gradients.assign(0);
      FloatBuffer table = gradientsFlattened.data().asNioFloat();
      for (int row = 0; row < rows; row++) {
        int at = row * 2 * places;
        for (int place = 0; place < places; place++) {
          float weight = in[at + places + place];
          if (weight == 0) {
            continue;
          }
          int bucket = ((int) in[at + place]) * width;
          table.get(bucket, sum);
          for (int e = 0; e < width; e++) {
            sum[e] += weight * down[row * width + e];
          }
          table.put(bucket, sum);
        }
      }
      Gradient gradient = new DefaultGradient();
      gradient.gradientForVariable().put(DefaultParamInitializer.WEIGHT_KEY, gradients);
      return new Pair<>(gradient, null);
    }

    /** All values, row-major. */
    private static float[] values(INDArray array) {
      float[] values = new float[(int) array.length()];
      array.dup('c').data().asNioFloat().get(0, values);
      return values;
    }

    @Override
    public boolean isPretrainLayer() {
      return false;
    }
  }
}
