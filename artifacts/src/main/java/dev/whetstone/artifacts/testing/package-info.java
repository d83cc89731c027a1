/** Small artifacts for the hermetic tests of all rooms. */
package dev.whetstone.artifacts.testing;
