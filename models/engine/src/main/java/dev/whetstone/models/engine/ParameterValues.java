package dev.whetstone.models.engine;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.tensors.Safetensors.FloatTensor;
import dev.whetstone.models.engine.TrainableModel.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Saved values on their way into a model's parameters. */
final class ParameterValues {
  private static final int NAMED_FAULTS = 6;

  private ParameterValues() {}

  static void put(TrainableModel model, List<FloatTensor> saved, String where) {
    Map<String, FloatTensor> byName = new HashMap<>();
    saved.forEach(tensor -> byName.put(tensor.name(), tensor));
    var faults = new ArrayList<String>();
    for (Parameter parameter : model.parameters()) {
      FloatTensor tensor = byName.remove(parameter.name());
      List<Long> shape = Arrays.stream(parameter.value().getShape().getShape()).boxed().toList();
      if (tensor == null) {
        faults.add(parameter.name() + " is missing");
      } else if (!tensor.shape().equals(shape)) {
        faults.add("%s is %s, expected %s".formatted(tensor.name(), tensor.shape(), shape));
      }
    }
    byName.keySet().stream().sorted().forEach(name -> faults.add(name + " is not trained here"));
    if (!faults.isEmpty()) {
      throw new BadInputException(
          "%s: %d tensors do not fit the adapter that the recipe asks for: %s%s."
              .formatted(
                  where,
                  faults.size(),
                  String.join("; ", faults.subList(0, Math.min(NAMED_FAULTS, faults.size()))),
                  faults.size() > NAMED_FAULTS ? "; …" : ""));
    }
    saved.forEach(tensor -> byName.put(tensor.name(), tensor));
    for (int i = 0; i < model.parameters().size(); i++) {
      model.set(i, byName.get(model.parameters().get(i).name()).values());
    }
  }
}
