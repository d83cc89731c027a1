package dev.whetstone.models.engine;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.model.LoraConfig;
import dev.whetstone.models.engine.family.DecoderConfig;
import dev.whetstone.models.engine.family.DecoderTensors;
import dev.whetstone.models.engine.family.DecoderTensors.BlockArray;
import dev.whetstone.models.engine.family.DecoderTensors.Expected;
import dev.whetstone.models.engine.family.Slot;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The linear modules of a decoder that LoRA can adapt, named as its files name them. */
final class LoraModules {
  /** The projections in the order in which {@code tuning.py} counts them. */
  static final List<Slot> SLOTS =
      List.of(
          Slot.QUERY,
          Slot.KEY,
          Slot.VALUE,
          Slot.OUTPUT,
          Slot.GATE,
          Slot.UP,
          Slot.DOWN,
          Slot.SHARED_GATE,
          Slot.SHARED_UP,
          Slot.SHARED_DOWN);

  private static final String WEIGHT = ".weight";

  private LoraModules() {}

  /**
   * A module.
   *
   * @param path such as {@code model.layers.0.self_attn.q_proj}
   * @param block it is in
   * @param slots whose rows lie in it end to end: several where a family fuses projections
   */
  record Module(String path, int block, List<Slot> slots) {
    /** The last part of its path. */
    String name() {
      return path.substring(path.lastIndexOf('.') + 1);
    }
  }

  /** All modules that can be adapted, by block and in the order of {@link #SLOTS}. */
  static List<Module> of(DecoderConfig config) {
    var modules = new ArrayList<Module>();
    for (Map.Entry<String, Expected> tensor : DecoderTensors.expected(config).entrySet()) {
      slotsOf(tensor.getValue())
          .filter(found -> SLOTS.containsAll(found.slots()))
          .ifPresent(
              found -> modules.add(new Module(path(tensor.getKey()), found.block, found.slots)));
    }
    modules.sort(
        (a, b) ->
            a.block != b.block
                ? Integer.compare(a.block, b.block)
                : Integer.compare(SLOTS.indexOf(a.slots.get(0)), SLOTS.indexOf(b.slots.get(0))));
    return List.copyOf(modules);
  }

  /** The module of a weight. */
  static String path(String tensor) {
    return tensor.substring(0, tensor.length() - WEIGHT.length());
  }

  private static Optional<Module> slotsOf(Expected tensor) {
    var slots = new ArrayList<Slot>();
    int block = -1;
    for (DecoderTensors.Piece piece : tensor.pieces()) {
      if (!(piece.array() instanceof BlockArray array)) {
        return Optional.empty();
      }
      block = array.block();
      slots.add(array.slot());
    }
    return Optional.of(new Module("", block, List.copyOf(slots)));
  }

  /**
   * The modules that an adapter's targets name.
   *
   * @throws BadInputException if a target names none; experts are said to be what they are
   */
  static List<Module> chosen(DecoderConfig config, LoraConfig lora, Path model) {
    List<Module> all = of(config);
    var unknown = new TreeSet<String>();
    for (String target : lora.targets()) {
      if (all.stream().noneMatch(module -> fits(module.path(), target))) {
        unknown.add(target);
      }
    }
    if (!unknown.isEmpty()) {
      throw new BadInputException(refusal(config, unknown, all, model));
    }
    return all.stream()
        .filter(module -> lora.targets().stream().anyMatch(target -> fits(module.path(), target)))
        .toList();
  }

  private static String refusal(
      DecoderConfig config, Set<String> unknown, List<Module> all, Path model) {
    String known =
        all.stream().map(Module::name).distinct().sorted().collect(Collectors.joining(", "));
    boolean experts =
        DecoderTensors.expected(config).keySet().stream()
            .filter(tensor -> tensor.contains("experts"))
            .anyMatch(tensor -> unknown.stream().anyMatch(target -> fits(path(tensor), target)));
    return experts
        ? "%s: %s are routed experts here, which LoRA does not train: PEFT's versions and vLLM lay such adapters out differently, and one that a server misreads does nothing without a word. Leave them out of the targets; known: %s."
            .formatted(model, String.join(", ", unknown), known)
        : "%s: the model has no linear module %s that LoRA could train; known: %s."
            .formatted(model, String.join(", ", unknown), known);
  }

  /** As PEFT (tuners/tuners_utils.py, check_target_module_exists) matches a list's entry. */
  static boolean fits(String path, String target) {
    return path.equals(target) || path.endsWith("." + target);
  }
}
