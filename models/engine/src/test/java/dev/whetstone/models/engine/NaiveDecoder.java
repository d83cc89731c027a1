package dev.whetstone.models.engine;

import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.tensors.TensorSource;
import dev.whetstone.models.engine.family.DecoderConfig;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.Map;

/** The decoder in plain double loops, one sequence at a time: the slow twin of the program. */
final class NaiveDecoder {
  private final DecoderConfig config;
  private final Map<String, double[]> weights = new HashMap<>();

  NaiveDecoder(ModelFolder folder) {
    config = DecoderConfig.of(folder.config(), "config.json");
    try (TensorSource source = folder.weights()) {
      for (String name : source.names()) {
        int count = source.shape(name).stream().mapToInt(Long::intValue).reduce(1, (a, b) -> a * b);
        var values = new float[count];
        source.read(name, 0, FloatBuffer.wrap(values));
        var wide = new double[count];
        for (int i = 0; i < count; i++) {
          wide[i] = values[i];
        }
        weights.put(name, wide);
      }
    }
  }

  /** Log-probabilities after each token, [T][V]. */
  double[][] logProbs(int[] tokens) {
    int n = tokens.length;
    int hidden = config.hidden();
    double[] embedding = weights.get("model.embed_tokens.weight");
    var x = new double[n][];
    for (int t = 0; t < n; t++) {
      x[t] = java.util.Arrays.copyOfRange(embedding, tokens[t] * hidden, (tokens[t] + 1) * hidden);
    }
    for (int layer = 0; layer < config.layers(); layer++) {
      block("model.layers." + layer + ".", x);
    }
    double[] head = config.tied() ? embedding : weights.get("lm_head.weight");
    var result = new double[n][];
    for (int t = 0; t < n; t++) {
      double[] logits = linear(norm(x[t], "model.norm.weight"), head);
      double max = java.util.Arrays.stream(logits).max().orElseThrow();
      double sum = 0;
      for (double logit : logits) {
        sum += Math.exp(logit - max);
      }
      for (int v = 0; v < logits.length; v++) {
        logits[v] -= max + Math.log(sum);
      }
      result[t] = logits;
    }
    return result;
  }

  private void block(String at, double[][] x) {
    int n = x.length;
    int size = config.attention().headSize();
    int group = config.attention().heads() / config.attention().keyValueHeads();
    var q = new double[n][];
    var k = new double[n][];
    var v = new double[n][];
    for (int t = 0; t < n; t++) {
      double[] h = norm(x[t], at + "input_layernorm.weight");
      q[t] = rotate(linear(h, weights.get(at + "self_attn.q_proj.weight")), t);
      k[t] = rotate(linear(h, weights.get(at + "self_attn.k_proj.weight")), t);
      v[t] = linear(h, weights.get(at + "self_attn.v_proj.weight"));
    }
    for (int t = 0; t < n; t++) {
      var attended = new double[config.attention().heads() * size];
      for (int head = 0; head < config.attention().heads(); head++) {
        int shared = head / group * size;
        var weight = new double[t + 1];
        double sum = 0;
        for (int s = 0; s <= t; s++) {
          double score = 0;
          for (int i = 0; i < size; i++) {
            score += q[t][head * size + i] * k[s][shared + i];
          }
          weight[s] = Math.exp(score / Math.sqrt(size));
          sum += weight[s];
        }
        for (int s = 0; s <= t; s++) {
          for (int i = 0; i < size; i++) {
            attended[head * size + i] += weight[s] / sum * v[s][shared + i];
          }
        }
      }
      add(x[t], linear(attended, weights.get(at + "self_attn.o_proj.weight")));
      double[] h = norm(x[t], at + "post_attention_layernorm.weight");
      double[] gate = linear(h, weights.get(at + "mlp.gate_proj.weight"));
      double[] up = linear(h, weights.get(at + "mlp.up_proj.weight"));
      for (int i = 0; i < up.length; i++) {
        up[i] *= gate[i] / (1 + Math.exp(-gate[i]));
      }
      add(x[t], linear(up, weights.get(at + "mlp.down_proj.weight")));
    }
  }

  private double[] norm(double[] x, String name) {
    double squares = 0;
    for (double value : x) {
      squares += value * value;
    }
    double scale = 1 / Math.sqrt(squares / x.length + config.normEpsilon());
    var y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = x[i] * scale * weights.get(name)[i];
    }
    return y;
  }

  private double[] rotate(double[] x, int position) {
    int size = config.attention().headSize();
    var y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      int at = i % size;
      int pair = at % (size / 2);
      double angle = position * config.rotary().frequencies().get(pair);
      double other = at < size / 2 ? -x[i + size / 2] : x[i - size / 2];
      y[i] = x[i] * Math.cos(angle) + other * Math.sin(angle);
    }
    return y;
  }

  private static double[] linear(double[] x, double[] weight) {
    var y = new double[weight.length / x.length];
    for (int o = 0; o < y.length; o++) {
      for (int i = 0; i < x.length; i++) {
        y[o] += weight[o * x.length + i] * x[i];
      }
    }
    return y;
  }

  private static void add(double[] x, double[] y) {
    for (int i = 0; i < x.length; i++) {
      x[i] += y[i];
    }
  }
}
