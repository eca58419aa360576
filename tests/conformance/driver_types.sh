# SPDX-License-Identifier: Apache-2.0
# usage: driver_types.sh examples/drivers    The types of the Python drivers. ROS 2 is not there: what it gives has any type.
command -v mypy > /dev/null || { echo "mypy is missing; ./setup installs it" >&2; exit 77; }
cd "$1"
mypy --strict --cache-dir /dev/null qt_driver.py no_robot.py
mypy --ignore-missing-imports --cache-dir /dev/null ros2_driver.py
