// The version of everything that is built from this package: the daemon tells it, the tools print
// it.

package enum ProductVersion {
  package static let text = "0.1.0"
}
