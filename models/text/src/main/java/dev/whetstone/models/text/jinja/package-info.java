/**
 * The part of Jinja that chat templates and benchmark templates use, on plain Java values: {@code
 * String}, {@code Long}, {@code Double}, {@code Boolean}, {@code List}, {@code Map}, {@code null}
 * for {@code None}, and {@link dev.whetstone.models.text.jinja.Undefined}. No reflection: a
 * template reaches nothing but these values.
 *
 * <p>Reference: Jinja 3.1.6 as transformers 5.23 and lm-evaluation-harness 0.4.13 set it up.
 */
package dev.whetstone.models.text.jinja;
