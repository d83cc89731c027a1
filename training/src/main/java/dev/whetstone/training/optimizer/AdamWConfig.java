package dev.whetstone.training.optimizer;

/**
 * AdamW with decoupled weight decay (arXiv 1711.05101) in torch's formula (torch/optim/adamw.py,
 * _single_tensor_adamw); t counts from 1:
 *
 * <pre>
 * p ← p·(1 − lr·wd);  m ← β1·m + (1−β1)·g;  v ← β2·v + (1−β2)·g²
 * p ← p − lr/(1−β1^t) · m / (√v/√(1−β2^t) + ε)
 * </pre>
 */
public record AdamWConfig(double beta1, double beta2, double epsilon, double weightDecay) {
  public AdamWConfig {
    if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1 && epsilon > 0 && weightDecay >= 0)) {
      throw new IllegalArgumentException(
          "beta1, beta2 must be in [0, 1), epsilon > 0, weightDecay >= 0: %s, %s, %s, %s"
              .formatted(beta1, beta2, epsilon, weightDecay));
    }
  }

  /**
   * What the program's {@code update} takes: β1, β2, step size, √(1−β2^t), ε, factor on the
   * gradient.
   */
  double[] reals(double learningRate, int step, double gradientFactor) {
    return new double[] {
      beta1,
      beta2,
      learningRate / (1 - Math.pow(beta1, step)),
      Math.sqrt(1 - Math.pow(beta2, step)),
      epsilon,
      gradientFactor
    };
  }
}
