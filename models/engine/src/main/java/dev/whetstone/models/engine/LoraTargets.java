package dev.whetstone.models.engine;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.models.engine.LoraModules.Module;
import dev.whetstone.models.engine.family.DecoderConfig;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Which modules of a model are meant: a choice that needs the model to become names.
 *
 * @param names modules or their last parts; empty for all linear ones of the blocks
 * @param pattern a regular expression that a module's whole path fits, in place of names; empty for
 *     none
 * @param layers blocks, from 0; empty for all
 */
public record LoraTargets(List<String> names, String pattern, List<Integer> layers) {
  /** All linear modules of all blocks, experts left out. */
  public static final LoraTargets ALL_LINEAR = new LoraTargets(List.of(), "", List.of());

  public LoraTargets {
    names = List.copyOf(names);
    layers = List.copyOf(layers);
    if (!names.isEmpty() && !pattern.isEmpty()) {
      throw new IllegalArgumentException("targets are names or a pattern, not both");
    }
    try {
      Pattern.compile(pattern);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "\"%s\" is no regular expression: %s".formatted(pattern, e.getDescription()), e);
    }
  }

  /**
   * The names for a model's adapter: last parts where they mean the same, else whole paths.
   *
   * @throws BadInputException if nothing of the model is meant, or a layer is none of it
   */
  public List<String> of(ModelFolder model) {
    DecoderConfig config = DecoderConfig.of(model);
    for (int layer : layers) {
      if (layer < 0 || layer >= config.layers()) {
        throw new BadInputException(
            "%s: expected layers of 0 to %d, found %d in lora.layers."
                .formatted(model.path(), config.layers() - 1, layer));
      }
    }
    List<Module> all = LoraModules.of(config);
    if (names.isEmpty() && pattern.isEmpty() && layers.isEmpty()) {
      return lastParts(all);
    }
    if (!names.isEmpty() && layers.isEmpty()) {
      return names; // those that mean nothing are refused where the model is loaded
    }
    List<Module> meant = all.stream().filter(this::means).toList();
    if (meant.isEmpty()) {
      throw new BadInputException(
          "%s: the targets mean no linear module of the model; known: %s."
              .formatted(model.path(), String.join(", ", lastParts(all))));
    }
    List<String> parts = lastParts(meant);
    boolean same =
        all.stream().filter(module -> parts.contains(module.name())).count() == meant.size();
    return same ? parts : meant.stream().map(Module::path).toList();
  }

  private boolean means(Module module) {
    boolean named =
        pattern.isEmpty()
            ? names.isEmpty()
                || names.stream().anyMatch(name -> LoraModules.fits(module.path(), name))
            : module.path().matches(pattern);
    return named && (layers.isEmpty() || layers.contains(module.block()));
  }

  private static List<String> lastParts(List<Module> modules) {
    var names = new TreeSet<String>();
    modules.forEach(module -> names.add(module.name()));
    return List.copyOf(names);
  }
}
