package dev.whetstone.datasets.personal;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Keys, tokens and passwords: those whose form their makers have published, and what stands behind
 * a word such as {@code api_key =} and looks drawn by lot.
 */
final class Secrets {
  /**
   * A form of a secret.
   *
   * @param marks one of these is a part of each
   */
  record Form(Pattern pattern, List<String> marks) {
    static Form of(String pattern, String... marks) {
      return new Form(Pattern.compile(pattern), List.of(marks));
    }
  }

  static final List<Form> FORMS =
      List.of(
          // Amazon Web Services: access keys
          Form.of(
              "(?<![\\p{Alpha}\\p{N}])(?:AKIA|ASIA)[A-Z2-7]{16}(?![\\p{Alpha}\\p{N}])",
              "AKIA",
              "ASIA"),
          // GitHub
          Form.of(
              "(?<![\\p{Alpha}\\p{N}])gh[pousr]_[A-Za-z0-9]{36,251}(?![\\p{Alpha}\\p{N}])",
              "ghp_",
              "gho_",
              "ghu_",
              "ghs_",
              "ghr_"),
          Form.of(
              "(?<![\\p{Alpha}\\p{N}])github_pat_[A-Za-z0-9_]{60,255}(?![\\p{Alpha}\\p{N}])",
              "github_pat_"),
          // Hugging Face
          Form.of("(?<![\\p{Alpha}\\p{N}])hf_[A-Za-z0-9]{30,40}(?![\\p{Alpha}\\p{N}])", "hf_"),
          // OpenAI, Anthropic, OpenRouter; bare letters and digits: older ones, DashScope, DeepSeek
          Form.of(
              "(?<![\\p{Alpha}\\p{N}_-])sk-(?=[A-Za-z0-9_-]{0,199}\\d)"
                  + "(?:(?:proj|svcacct|admin|ant|or)-[A-Za-z0-9_-]{20,200}|[A-Za-z0-9]{20,64})"
                  + "(?![\\p{Alpha}\\p{N}_-])",
              "sk-"),
          // ModelScope
          Form.of(
              "(?<![\\p{Alpha}\\p{N}_-])ms-\\p{XDigit}{8}(?:-\\p{XDigit}{4}){3}-\\p{XDigit}{12}(?![\\p{Alpha}\\p{N}_-])",
              "ms-"),
          // Alibaba Cloud and Tencent Cloud: ids of access keys
          Form.of(
              "(?<![\\p{Alpha}\\p{N}])(?:LTAI(?=[A-Za-z0-9]{0,19}\\d)[A-Za-z0-9]{12,20}|AKID(?=[A-Za-z0-9]{0,31}\\d)[A-Za-z0-9]{32})(?![\\p{Alpha}\\p{N}])",
              "LTAI",
              "AKID"),
          // GitLab, npm, PyPI, Groq, xAI, Replicate
          Form.of(
              "(?<![\\p{Alpha}\\p{N}])glpat-[A-Za-z0-9_-]{20,64}(?![\\p{Alpha}\\p{N}_-])",
              "glpat-"),
          Form.of("(?<![\\p{Alpha}\\p{N}])npm_[A-Za-z0-9]{36}(?![\\p{Alpha}\\p{N}])", "npm_"),
          Form.of(
              "(?<![\\p{Alpha}\\p{N}])pypi-AgE[A-Za-z0-9_-]{50,500}(?![\\p{Alpha}\\p{N}_-])",
              "pypi-AgE"),
          Form.of("(?<![\\p{Alpha}\\p{N}])gsk_[A-Za-z0-9]{40,64}(?![\\p{Alpha}\\p{N}])", "gsk_"),
          Form.of("(?<![\\p{Alpha}\\p{N}])xai-[A-Za-z0-9]{64,100}(?![\\p{Alpha}\\p{N}])", "xai-"),
          Form.of("(?<![\\p{Alpha}\\p{N}])r8_[A-Za-z0-9]{37}(?![\\p{Alpha}\\p{N}])", "r8_"),
          // SendGrid
          Form.of(
              "(?<![\\p{Alpha}\\p{N}])SG\\.[A-Za-z0-9_-]{22}\\.[A-Za-z0-9_-]{43}(?![\\p{Alpha}\\p{N}_-])",
              "SG."),
          // The password in an address (RFC 3986, userinfo), but for what stands in place of one
          Form.of(
              "(?<=[a-z][a-z0-9+.-]{1,15}://[^\\s/:@]{0,64}:)"
                  + "(?!(?i:password|passwd|pass|pwd|secret|changeme|token|key)@)(?![<${%*.\\[x])"
                  + "[^\\s/:@\"'`]{3,100}(?=@[\\p{Alpha}\\p{N}\\[])",
              "://"),
          // Google
          Form.of("(?<![\\p{Alpha}\\p{N}])AIza[0-9A-Za-z_-]{35}(?![\\p{Alpha}\\p{N}_-])", "AIza"),
          // Slack
          Form.of(
              "(?<![\\p{Alpha}\\p{N}])xox[abeoprs]-[A-Za-z0-9-]{10,250}(?![\\p{Alpha}\\p{N}-])",
              "xox"),
          // Stripe
          Form.of(
              "(?<![\\p{Alpha}\\p{N}])[sr]k_(?:live|test)_[A-Za-z0-9]{16,250}(?![\\p{Alpha}\\p{N}])",
              "k_live_",
              "k_test_"),
          // JSON Web Tokens (RFC 7519): the head begins with {" in Base64
          Form.of(
              "(?<![\\p{Alpha}\\p{N}])eyJ[A-Za-z0-9_-]{8,}\\.eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}",
              "eyJ"),
          // Private keys in PEM (RFC 7468)
          Form.of(
              "-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----[A-Za-z0-9+/=\\s\\\\]{20,8000}-----END"
                  + " (?:[A-Z]+ )?PRIVATE KEY-----",
              "PRIVATE KEY-----"));

  static final Pattern NAMED =
      Pattern.compile(
          "(?i)(?<![\\p{Alpha}])(?:api[_ -]?key|access[_ -]?key|secret(?:[_ -]?key)?|auth[_"
              + " -]?token|access[_ -]?token|token|passwo?r?d|pwd|passphrase)"
              + "[\"']?\\s*(?:[:=]|\\bis\\b)\\s*[\"'`]?([^\\s\"'`,;<>(){}\\[\\]]{8,200})");

  /** Parts of the words that {@link #NAMED} knows. */
  private static final List<String> NAMES =
      List.of("key", "secret", "token", "passw", "pwd", "passphrase");

  /** A group of marks for each of {@link #FORMS}, in order, then {@link #NAMES}. */
  static final Marks MARKS = new Marks();

  static {
    for (int form = 0; form < FORMS.size(); form++) {
      MARKS.add(form, FORMS.get(form).marks(), false);
    }
    MARKS.add(FORMS.size(), NAMES, true);
  }

  /** Bits of a character, below which a text is a word and not drawn by lot. */
  private static final double LEAST_BITS = 2.5;

  static final PersonalKind KIND =
      new PersonalKind("SECRET", "a key, token or password", Secrets::find, t -> t);

  private Secrets() {}

  private static List<Span> find(Glance glance) {
    if (glance.marks() == 0) {
      return List.of();
    }
    List<Span> spans = new ArrayList<>();
    for (int form = 0; form < FORMS.size(); form++) {
      if ((glance.marks() >>> form & 1) != 0) {
        spans.addAll(Span.all(FORMS.get(form).pattern(), glance.text(), found -> true));
      }
    }
    if ((glance.marks() >>> FORMS.size() & 1) != 0) {
      spans.addAll(named(glance.text()));
    }
    return spans;
  }

  static List<Span> named(String text) {
    List<Span> spans = new ArrayList<>();
    Matcher named = NAMED.matcher(text);
    while (named.find()) {
      if (isDrawn(named.group(1))) {
        spans.add(new Span(named.start(1), named.end(1)));
      }
    }
    return spans;
  }

  /** Letters and digits mixed, and few of them twice: Shannon's entropy of its characters. */
  private static boolean isDrawn(String value) {
    boolean letter = value.chars().anyMatch(Character::isLetter);
    boolean digit = value.chars().anyMatch(Character::isDigit);
    int[] counts = new int[128];
    int length = 0;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < counts.length) {
        counts[c]++;
        length++;
      }
    }
    double bits = 0;
    for (int count : counts) {
      if (count > 0) {
        bits -= (double) count / length * Math.log((double) count / length) / Math.log(2);
      }
    }
    return letter && digit && bits >= LEAST_BITS;
  }
}
