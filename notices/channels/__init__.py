"""The ways out of the portal: each sends one parcel to one address, or says why not."""
