/** Rules that mend a row or drop it, each a plain function on text or turns. */
package dev.whetstone.datasets.clean;
