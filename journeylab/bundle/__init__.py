"""One session on disk: journal while recording, HDF5 afterwards. The only user of h5py."""
