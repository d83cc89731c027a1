package dev.whetstone.models.engine;

import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.model.AdapterFolder;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.tensors.TensorSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which weights an adapter changes: {@code W += alpha / rank * B A} (PEFT, tuners/lora/layer.py,
 * merge).
 */
final class AdapterMerge {
  private static final String PREFIX = "base_model.model.";
  private static final String A = ".lora_A.weight";
  private static final String B = ".lora_B.weight";
  private static final int NAMED_FAULTS = 6;

  private AdapterMerge() {}

  /** Weight of the base model that a tensor of an adapter changes. */
  static String baseWeight(String adapterTensor) {
    return adapterTensor.substring(PREFIX.length(), adapterTensor.length() - A.length())
        + ".weight";
  }

  /**
   * Checks that an adapter fits a model.
   *
   * @param shapes of the model's tensors by name
   * @throws BadInputException that names every tensor that does not
   */
  static void check(
      TensorSource adapter, Map<String, List<Long>> shapes, Path adapterFolder, Path model) {
    var faults = new ArrayList<String>();
    for (String name : new TreeSet<>(adapter.names())) {
      List<Long> base = shapes.get(baseWeight(name));
      if (base == null || base.size() != 2) {
        faults.add(name + " adapts a module that the model does not have");
        continue;
      }
      boolean isA = name.endsWith(A);
      List<Long> found = adapter.shape(name);
      long expected = isA ? base.get(1) : base.get(0);
      if (!found.get(isA ? 1 : 0).equals(expected)) {
        faults.add(
            "%s is %s, expected %s"
                .formatted(
                    name,
                    found,
                    isA ? List.of(found.get(0), expected) : List.of(expected, found.get(1))));
      }
    }
    if (!faults.isEmpty()) {
      throw new BadInputException(
          "%s: %d tensors do not fit %s: %s%s. Was it trained on another base model?"
              .formatted(
                  adapterFolder,
                  faults.size(),
                  model,
                  String.join("; ", faults.subList(0, Math.min(NAMED_FAULTS, faults.size()))),
                  faults.size() > NAMED_FAULTS ? "; …" : ""));
    }
  }

  /**
   * Says on standard error that an adapter fits, but was trained on other weights: those of the
   * same model in another type are legal, those of a sibling rarely what was meant.
   */
  static void tellOfOtherBase(ModelFolder model, AdapterFolder adapter) {
    Optional<String> content = model.manifest().map(Manifest::content);
    Optional<Ancestor> base = Ancestor.newest(adapter.config().lineage(), "model");
    if (content.isPresent() && base.isPresent() && !base.get().content().equals(content.get())) {
      System.err.printf(
          "%s: was trained on %s with other weights than those of %s; compare with the model that"
              + " it was trained on.%n",
          adapter.path(), base.get().name(), model.path());
    }
  }

  /** The names of all {@code A}, sorted. */
  static Set<String> downs(TensorSource adapter) {
    var downs = new TreeSet<>(adapter.names());
    downs.removeIf(name -> !name.endsWith(A));
    return downs;
  }

  /** The name of the {@code B} of an {@code A}. */
  static String up(String down) {
    return down.substring(0, down.length() - A.length()) + B;
  }
}
