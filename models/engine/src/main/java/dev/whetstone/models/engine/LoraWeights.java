package dev.whetstone.models.engine;

import static dev.whetstone.models.engine.TorchScriptProgram.named;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.model.AdapterTensor;
import dev.whetstone.artifacts.model.AdapterTensor.Kind;
import dev.whetstone.artifacts.model.LoraConfig;
import dev.whetstone.artifacts.model.LoraConfig.Bias;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.models.engine.LoraModules.Module;
import dev.whetstone.models.engine.TrainableModel.Parameter;
import dev.whetstone.models.engine.family.DecoderConfig;
import dev.whetstone.models.engine.family.DecoderTensors;
import dev.whetstone.models.engine.family.DecoderTensors.BlockArray;
import dev.whetstone.models.engine.family.DecoderTensors.Piece;
import dev.whetstone.models.engine.family.Slot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * The trainable weights beside a decoder and their gradients: the pairs of adapted modules, DoRA's
 * magnitudes, biases, modules that are trained as a whole. The manager that is given owns them.
 */
final class LoraWeights {
  /** A, B and magnitude of a module. */
  private static final int EACH = 3;

  /** Those of the three, and of the bias. */
  private static final int GRADIENTS = 4;

  private final DecoderConfig config;
  private final DecoderWeights weights;
  private final LoraConfig lora;

  /** An array has one name at a time, so each list has a nothing of its own. */
  private final NDArray noValue;

  private final NDArray noGradient;
  private final List<Parameter> parameters = new ArrayList<>();
  private final NDArray[][] values;

  /** What the base has: nothing, or an adapter that training goes on from. */
  private NDArray[][] baseValues;

  private final NDArray[][] gradients;
  private final double[][] scales;
  private Optional<Parameter> embedding = Optional.empty();
  private Optional<Parameter> head = Optional.empty();
  private Optional<NDArray> baseEmbedding = Optional.empty();
  private Optional<NDArray> baseHead = Optional.empty();

  LoraWeights(
      NDManager manager,
      TorchScriptProgram program,
      DecoderConfig config,
      DecoderWeights weights,
      LoraConfig lora,
      List<Module> modules,
      long seed,
      ModelFolder model) {
    this.config = config;
    this.weights = weights;
    this.lora = lora;
    this.noValue = manager.zeros(new Shape(0));
    this.noGradient = manager.zeros(new Shape(0));
    int slots = LoraModules.SLOTS.size();
    values = table(noValue, EACH * slots);
    baseValues = table(noValue, EACH * slots);
    gradients = table(noGradient, GRADIENTS * slots);
    scales = new double[config.layers()][slots];
    var random = new SplittableRandom(seed);
    for (Module module : modules) {
      add(module, random, program, manager);
    }
    if (lora.bias() != Bias.NONE) {
      addBiases(modules, model, manager);
    }
    addWhole(model, program, manager);
  }

  private NDArray[][] table(NDArray nothing, int columns) {
    var table = new NDArray[config.layers()][columns];
    for (NDArray[] row : table) {
      Arrays.fill(row, nothing);
    }
    return table;
  }

  private void add(
      Module module, SplittableRandom random, TorchScriptProgram program, NDManager manager) {
    long in = weights.of(module.block(), module.slots().get(0)).getShape().get(1);
    long out =
        module.slots().stream()
            .mapToLong(slot -> weights.of(module.block(), slot).getShape().get(0))
            .sum();
    int rank = lora.rank(module.path());
    float[] a = new float[Math.toIntExact(rank * in)];
    double bound = 1 / Math.sqrt((double) in);
    for (int i = 0; i < a.length; i++) {
      a[i] = (float) (bound * (2 * random.nextDouble() - 1));
    }
    Parameter down =
        parameter(
            new AdapterTensor(module.path(), Kind.DOWN),
            manager.create(a, new Shape(rank, in)),
            manager);
    Parameter up =
        parameter(
            new AdapterTensor(module.path(), Kind.UP),
            manager.zeros(new Shape(out, rank)),
            manager);
    Optional<Parameter> magnitude =
        lora.dora()
            ? Optional.of(
                parameter(
                    new AdapterTensor(module.path(), Kind.MAGNITUDE),
                    magnitude(module, program, manager),
                    manager))
            : Optional.empty();
    long row = 0;
    for (Slot slot : module.slots()) {
      int index = LoraModules.SLOTS.indexOf(slot);
      NDArray[] own = values[module.block()];
      NDArray[] slopes = gradients[module.block()];
      long rows = weights.of(module.block(), slot).getShape().get(0);
      scales[module.block()][index] = lora.scale(module.path());
      own[EACH * index] = down.value();
      slopes[GRADIENTS * index] = down.gradient();
      own[EACH * index + 1] = rows(program, up.value(), row, rows);
      slopes[GRADIENTS * index + 1] = rows(program, up.gradient(), row, rows);
      if (magnitude.isPresent()) {
        own[EACH * index + 2] = rows(program, magnitude.get().value(), row, rows);
        slopes[GRADIENTS * index + 2] = rows(program, magnitude.get().gradient(), row, rows);
      }
      row += rows;
    }
  }

  /** Some rows, in the memory of the whole. */
  private static NDArray rows(TorchScriptProgram program, NDArray array, long first, long count) {
    if (array.getShape().get(0) == count) {
      return array;
    }
    try (NDArray bounds = array.getManager().create(new long[] {first, first + count})) {
      return program.call("part", new NDList(named("array", array), named("sizes", bounds))).get(0);
    }
  }

  /** DoRA begins with the rows' own lengths: PEFT, tuners/lora/dora.py, update_layer with B = 0. */
  private NDArray magnitude(Module module, TorchScriptProgram program, NDManager manager) {
    var lengths = new ArrayList<float[]>();
    int total = 0;
    for (Slot slot : module.slots()) {
      try (NDArray of =
          program
              .call("magnitude", new NDList(named("w", weights.of(module.block(), slot))))
              .get(0)) {
        lengths.add(of.toFloatArray());
        total += lengths.get(lengths.size() - 1).length;
      }
    }
    float[] all = new float[total];
    int at = 0;
    for (float[] part : lengths) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return manager.create(all);
  }

  private Parameter parameter(AdapterTensor tensor, NDArray value, NDManager manager) {
    var parameter =
        new Parameter(tensor.name(), value, manager.zeros(value.getShape(), value.getDataType()));
    parameters.add(parameter);
    return parameter;
  }

  private void addBiases(List<Module> modules, ModelFolder model, NDManager manager) {
    int found = parameters.size();
    DecoderTensors.expected(config)
        .forEach(
            (name, expected) -> {
              Piece piece = expected.pieces().get(0);
              if (!name.endsWith(".bias") || !(piece.array() instanceof BlockArray array)) {
                return;
              }
              String path = name.substring(0, name.length() - ".bias".length());
              boolean adapted = modules.stream().anyMatch(module -> module.path().equals(path));
              if (!adapted && lora.bias() == Bias.LORA_ONLY) {
                return;
              }
              if (expected.pieces().size() > 1) {
                throw new BadInputException(
                    "%s: %s is fused of several, which are not trained here; leave lora.bias at none."
                        .formatted(model.path(), name));
              }
              Parameter bias =
                  parameter(
                      new AdapterTensor(path, adapted ? Kind.ADAPTED_BIAS : Kind.BIAS),
                      weights.of(array.block(), array.slot()),
                      manager);
              Slot matrix = Slot.valueOf(array.slot().name().replace("_BIAS", ""));
              int index = LoraModules.SLOTS.indexOf(matrix);
              gradients[array.block()][GRADIENTS * index + 3] = bias.gradient();
            });
    if (parameters.size() == found) {
      throw new BadInputException(
          "%s: lora.bias is %s, but the model has no bias that it could train; leave it at none."
              .formatted(model.path(), lora.bias().key()));
    }
  }

  /** As PEFT's ModulesToSaveWrapper: a copy is trained, and the original stays for the base. */
  private void addWhole(ModelFolder model, TorchScriptProgram program, NDManager manager) {
    String embeddingPath = LoraModules.path(config.layout().embedding());
    String headPath = LoraModules.path(config.layout().head());
    for (String wanted : lora.modulesToSave()) {
      if (LoraModules.fits(embeddingPath, wanted)) {
        embedding = Optional.of(whole(embeddingPath, weights.embedding(), program, manager));
      } else if (LoraModules.fits(headPath, wanted)) {
        head = Optional.of(whole(headPath, weights.head(), program, manager));
      } else {
        throw new BadInputException(
            "%s: lora.modules_to_save names %s; expected some of %s, %s."
                .formatted(model.path(), wanted, embeddingPath, headPath));
      }
    }
  }

  private Parameter whole(
      String path, NDArray original, TorchScriptProgram program, NDManager manager) {
    NDArray copy = program.call("copied", new NDList(named("w", original))).get(0);
    return parameter(new AdapterTensor(path, Kind.WEIGHT), copy, manager);
  }

  List<Parameter> parameters() {
    return List.copyOf(parameters);
  }

  double dropout() {
    return lora.dropout();
  }

  /** The scales of a block's modules, and the share that is dropped. */
  double[] numbers(int block, double dropped) {
    double[] numbers = Arrays.copyOf(scales[block], scales[block].length + 1);
    numbers[numbers.length - 1] = dropped;
    return numbers;
  }

  /** Adds a block's adapters as the list {@code L}: those that are trained, or the base's. */
  void addBlock(int block, boolean adapted, NDList arguments) {
    for (NDArray value : adapted ? values[block] : baseValues[block]) {
      arguments.add(named("L[]", value));
    }
  }

  /** Copies the adapter as it is for the base, modules that are trained as a whole among it. */
  void takeAsBase() {
    for (int block = 0; block < values.length; block++) {
      for (int i = 0; i < values[block].length; i++) {
        NDArray value = values[block][i];
        baseValues[block][i] = value == noValue ? noValue : value.duplicate();
      }
    }
    baseEmbedding = embedding.map(parameter -> parameter.value().duplicate());
    baseHead = head.map(parameter -> parameter.value().duplicate());
  }

  /** Adds the gradients of a block as the list {@code G}. */
  void addGradients(int block, NDList arguments) {
    for (NDArray gradient : gradients[block]) {
      arguments.add(named("G[]", gradient));
    }
  }

  /** [V, D] */
  NDArray embedding(boolean adapted) {
    return (adapted ? embedding.map(Parameter::value) : baseEmbedding)
        .orElseGet(weights::embedding);
  }

  /** [V, D] */
  NDArray head(boolean adapted) {
    return (adapted ? head.map(Parameter::value) : baseHead).orElseGet(weights::head);
  }

  boolean trainsEmbedding() {
    return embedding.isPresent();
  }

  /** [V, D] */
  NDArray embeddingGradient() {
    return embedding.orElseThrow().gradient();
  }

  /** [V, D]; [0] where the head is frozen. */
  NDArray headGradient() {
    return head.map(Parameter::gradient).orElse(noGradient);
  }
}
