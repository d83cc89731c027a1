package dev.whetstone.eval.task;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.InputFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.AbstractConstruct;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Task files of a folder by name, read as lm-eval reads them: YAML 1.1, {@code include} with a
 * shallow merge in which the including file wins, {@code **}{@code /*.yaml} in the order of their
 * paths, the first of two equal names counts.
 */
public final class TaskFiles {
  private static final int MAX_DEPTH = 50;

  private final Optional<Path> folder;
  private final Map<String, Path> tasks = new TreeMap<>();
  private final Map<String, Set<String>> tags = new TreeMap<>();
  private final Set<String> groups = new TreeSet<>();
  private final List<String> broken = new ArrayList<>();

  /**
   * Looks through a folder; without one only paths of YAML files name tasks.
   *
   * @throws BadInputException if the folder does not exist
   */
  public TaskFiles(Optional<Path> folder) {
    this.folder = folder;
    folder.ifPresent(this::index);
  }

  private void index(Path root) {
    if (!Files.isDirectory(root)) {
      throw new BadInputException(root + ": expected a folder of task files here, found none.");
    }
    List<Path> files;
    try (Stream<Path> all = Files.walk(root)) {
      files = all.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    } catch (IOException e) {
      throw InputFile.unreadable(root, "a folder of task files", e);
    }
    for (Path file : files) {
      Map<String, Object> values;
      try {
        values = load(file);
      } catch (BadInputException e) {
        broken.add(e.getMessage()); // another task's file must not stop this one
        continue;
      }
      if (values.get("group") instanceof String group) {
        groups.add(group);
      } else if (values.get("task") instanceof String task && !values.containsKey("class")) {
        if (tasks.putIfAbsent(task, file) == null) {
          Object tag = values.get("tag");
          for (Object one : tag instanceof Collection<?> several ? several : List.of("" + tag)) {
            tags.computeIfAbsent("" + one, name -> new TreeSet<>()).add(task);
          }
        }
      }
    }
  }

  /**
   * The tasks of these names, in order; a tag stands for its tasks, a path of a YAML file for the
   * task in it.
   *
   * @throws BadInputException for an unknown name; the known ones are listed
   */
  public List<TaskConfig> tasks(List<String> names) {
    var found = new LinkedHashMap<String, TaskConfig>();
    for (String name : names) {
      for (Path file : files(name)) {
        TaskConfig task = TaskConfig.of(file, merged(file, new LinkedHashSet<>()));
        found.putIfAbsent(task.name(), task);
      }
    }
    if (found.isEmpty()) {
      throw new BadInputException("expected the name of a task (--tasks), found none.");
    }
    return List.copyOf(found.values());
  }

  private List<Path> files(String name) {
    if (tasks.containsKey(name)) {
      return List.of(tasks.get(name));
    }
    if (tags.containsKey(name)) {
      return tags.get(name).stream().map(tasks::get).toList();
    }
    if (name.endsWith(".yaml")) {
      return List.of(Path.of(name));
    }
    if (groups.contains(name)) {
      throw new BadInputException(
          "%s is a group of tasks, which is not supported yet; name its tasks one by one."
              .formatted(name));
    }
    String known =
        folder
            .map(path -> "known in " + path + ": " + String.join(", ", tasks.keySet()))
            .orElse("no folder of task files is given (--include-path)");
    throw new BadInputException(
        "unknown task \"%s\"; %s.%s"
            .formatted(
                name, known, broken.isEmpty() ? "" : " Unreadable: " + String.join(" ", broken)));
  }

  /** lm_eval/tasks/_yaml_loader.py, load_yaml. */
  private static Map<String, Object> merged(Path file, Set<Path> open) {
    if (!open.add(file.toAbsolutePath().normalize())) {
      throw new BadInputException(file + ": includes itself.");
    }
    Map<String, Object> values = load(file);
    Object include = values.remove("include");
    if (include == null) {
      return values;
    }
    var merged = new LinkedHashMap<String, Object>();
    for (Object one : include instanceof List<?> several ? several : List.of(include)) {
      Path included = file.toAbsolutePath().resolveSibling("" + one).normalize();
      Map<String, Object> inherited = merged(included, open);
      inherited.remove("task_list");
      merged.putAll(inherited);
    }
    merged.putAll(values);
    return merged;
  }

  private static Map<String, Object> load(Path file) {
    Object root;
    try {
      root = new Yaml(new TaskConstructor()).load(InputFile.text(file, "a task file (YAML)"));
    } catch (YAMLException e) {
      throw new BadInputException(
          file + ": not YAML: " + e.getMessage().replaceAll("\\s+", " ").strip(), e);
    }
    checkDepth(file, root, 0);
    if (!(root instanceof Map<?, ?> map)) {
      throw new BadInputException(file + ": expected a mapping of keys, found other YAML.");
    }
    var values = new LinkedHashMap<String, Object>();
    map.forEach((key, value) -> values.put("" + key, value));
    return values;
  }

  /** An anchor may stand within itself, and then there is no end. */
  private static void checkDepth(Path file, Object value, int depth) {
    if (depth > MAX_DEPTH) {
      throw new BadInputException(
          "%s: expected values of at most %d levels, found more, or one that holds itself."
              .formatted(file, MAX_DEPTH));
    }
    Collection<?> inner =
        value instanceof Map<?, ?> map
            ? map.values()
            : value instanceof Collection<?> list ? list : List.of();
    inner.forEach(one -> checkDepth(file, one, depth + 1));
  }

  private static LoaderOptions options() {
    var options = new LoaderOptions();
    options.setAllowDuplicateKeys(true); // as PyYAML: the last one counts
    return options;
  }

  private static final class TaskConstructor extends SafeConstructor {
    TaskConstructor() {
      super(options());
      yamlConstructors.put(
          new Tag("!function"),
          new AbstractConstruct() {
            @Override
            public Object construct(Node node) {
              if (node instanceof ScalarNode name) {
                return new PythonFunction(name.getValue());
              }
              throw new YAMLException("expected a name after !function");
            }
          });
    }
  }
}
