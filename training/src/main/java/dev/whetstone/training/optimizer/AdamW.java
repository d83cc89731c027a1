package dev.whetstone.training.optimizer;

import static dev.whetstone.models.engine.TorchScriptProgram.named;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.whetstone.models.engine.TorchScriptProgram;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * The changing half of AdamW: both moments of every parameter, float32, and the step count. Closing
 * it frees the moments, never the parameters.
 */
public final class AdamW implements AutoCloseable {
  private final AdamWConfig config;
  private final NDManager manager;
  private final TorchScriptProgram program;
  private final List<Trained> parameters;
  private final List<NDArray> first = new ArrayList<>();
  private final List<NDArray> second = new ArrayList<>();
  private int step;

  /**
   * A parameter.
   *
   * @param value changed in place
   * @param gradient read
   * @param rate what the learning rate is multiplied by
   * @param decays whether weight decay applies
   */
  public record Trained(NDArray value, NDArray gradient, double rate, boolean decays) {
    /**
     * A parameter by its name: B and all vectors have {@code plus} times the rate of A (LoRA+,
     * PEFT, optimizers/loraplus.py), biases do not decay (transformers, trainer.py,
     * get_decay_parameter_names).
     */
    public static Trained of(String name, NDArray value, NDArray gradient, double plus) {
      boolean fast = name.contains("lora_B") || value.getShape().dimension() == 1;
      return new Trained(value, gradient, fast ? plus : 1, !name.endsWith("bias"));
    }
  }

  /** Moments start at zero. {@code parameters} are changed in place by {@link #step}. */
  public AdamW(AdamWConfig config, List<Trained> parameters) {
    this.config = config;
    this.parameters = List.copyOf(parameters);
    this.manager = parameters.get(0).value().getManager().newSubManager();
    this.program = TorchScriptProgram.load(manager, AdamW.class, "adamw.py", "AdamW");
    for (Trained parameter : parameters) {
      first.add(manager.zeros(parameter.value().getShape()));
      second.add(manager.zeros(parameter.value().getShape()));
    }
  }

  /**
   * What one step did.
   *
   * @param norm global L2 norm of the gradient before clipping
   * @param notFinite index of a parameter whose gradient is not finite; then nothing was changed
   */
  public record Outcome(double norm, OptionalInt notFinite) {}

  /**
   * One update of all parameters, the gradient scaled down to {@code clip} where its global norm is
   * larger: {@code min(1, clip / (norm + 1e-6))} (torch/nn/utils/clip_grad.py).
   *
   * @param clip 0 for no clipping
   */
  public Outcome step(double learningRate, double clip) {
    try (NDManager scope = manager.newSubManager()) {
      var arguments = new NDList();
      parameters.forEach(parameter -> arguments.add(named("G[]", parameter.gradient())));
      double[] squares = program.call("squares", arguments).get(0).toDoubleArray();
      OptionalInt notFinite =
          IntStream.range(0, squares.length).filter(i -> !Double.isFinite(squares[i])).findFirst();
      double norm = Math.sqrt(java.util.Arrays.stream(squares).sum());
      if (notFinite.isPresent()) {
        return new Outcome(norm, notFinite);
      }
      double factor = clip == 0 ? 1 : Math.min(1, clip / (norm + 1e-6));
      step++;
      var update =
          new NDList(
              named("reals", scope.create(config.reals(learningRate, step, factor))),
              named(
                  "rates", scope.create(parameters.stream().mapToDouble(Trained::rate).toArray())),
              named("decays", scope.create(decays(learningRate))));
      parameters.forEach(parameter -> update.add(named("P[]", parameter.value())));
      parameters.forEach(parameter -> update.add(named("G[]", parameter.gradient())));
      first.forEach(moment -> update.add(named("M[]", moment)));
      second.forEach(moment -> update.add(named("V[]", moment)));
      program.call("update", update);
      return new Outcome(norm, notFinite);
    }
  }

  /** What each parameter is multiplied by. */
  private double[] decays(double learningRate) {
    return parameters.stream()
        .mapToDouble(
            parameter ->
                parameter.decays() ? 1 - learningRate * parameter.rate() * config.weightDecay() : 1)
        .toArray();
  }

  /** Updates taken. */
  public int taken() {
    return step;
  }

  /** First moments in the order of the parameters, copied. */
  public List<float[]> firstMoments() {
    return first.stream().map(NDArray::toFloatArray).toList();
  }

  /** Second moments in the order of the parameters, copied. */
  public List<float[]> secondMoments() {
    return second.stream().map(NDArray::toFloatArray).toList();
  }

  /** Puts a saved state back, bit for bit. */
  public void restore(int taken, List<float[]> firstMoments, List<float[]> secondMoments) {
    step = taken;
    for (int i = 0; i < parameters.size(); i++) {
      first.get(i).set(firstMoments.get(i));
      second.get(i).set(secondMoments.get(i));
    }
  }

  @Override
  public void close() {
    program.close();
    manager.close();
  }
}
